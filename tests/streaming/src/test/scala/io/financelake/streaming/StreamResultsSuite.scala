package io.financelake.streaming

import org.apache.spark.sql.streaming.StreamingQueryException

/** Streams give what SQL gives over the same rows, in bits; on each supported release of Spark. */
class StreamResultsSuite extends StreamRuns {

  test("rows in order have the bits and the types of SQL") {
    withStream { folder =>
      addBatches(folder.resolve("in"), market, 6, "ts, series")
      val result = indicators(stream(folder.resolve("in"))).toDF()
      val wanted = inSql(market)
      assert(
        result.schema.map(f => f.name -> f.dataType) == wanted.schema.map(f => f.name -> f.dataType)
      )
      assert(bits(run(result, folder.resolve("checkpoint"))) == bits(wanted.collect().toSeq))
    }
  }

  test("rows that arrive shuffled within the delay come out once, with the same bits") {
    withStream { folder =>
      // Each row arrives less than two hours of its series' time late.
      addBatches(folder.resolve("in"), market, 8, "unix_micros(ts) + 7199e6 * rand(7)")
      val result = indicators(stream(folder.resolve("in"))).delay("2 hours").toDF()
      val over = "max(ts) OVER (PARTITION BY series) - INTERVAL 2 HOURS"
      val wanted =
        inSql(market).selectExpr("*", s"$over AS until").where("ts <= until").drop("until")
      assert(bits(run(result, folder.resolve("checkpoint"))) == bits(wanted.collect().toSeq))
    }
  }

  test("a stopped stream goes on from its checkpoint") {
    withStream { folder =>
      val input = folder.resolve("in")
      def result = indicators(stream(input)).delay("2 hours").toDF()
      addBatches(input, market.where("ts < '2020-01-01'"), 2, "ts")
      val first = run(result, folder.resolve("checkpoint"))
      addBatches(input, market.where("ts >= '2020-01-01'"), 3, "ts")
      val second = run(result, folder.resolve("checkpoint"))
      assert(first.nonEmpty && second.nonEmpty)
      val over = "max(ts) OVER (PARTITION BY series) - INTERVAL 2 HOURS"
      val wanted =
        inSql(market).selectExpr("*", s"$over AS until").where("ts <= until").drop("until")
      assert(bits(first ++ second) == bits(wanted.collect().toSeq))
    }
  }

  test("a stream that starts from a history is warm") {
    withStream { folder =>
      addBatches(folder.resolve("in"), market.where("ts >= '2024-06-01'"), 3, "ts")
      val result = indicators(stream(folder.resolve("in")))
        .startFrom(market.where("ts < '2024-06-01'"))
        .toDF()
      val wanted = inSql(market).where("ts >= '2024-06-01'").collect().toSeq
      assert(bits(run(result, folder.resolve("checkpoint"))) == bits(wanted))
    }
  }

  test("state of other parameters or inputs is refused") {
    withStream { folder =>
      val input = folder.resolve("in")
      def result(call: String) =
        Indicators.on(stream(input)).keyedBy("series").orderedBy("ts").add("x", call).toDF()
      def refusal(call: String): String =
        intercept[StreamingQueryException](
          run(result(call), folder.resolve("checkpoint"))
        ).getMessage
      addBatch(input, market.where("ts < '2010-01-01'"))
      run(result("ta_rsi(close, 14)"), folder.resolve("checkpoint"))
      addBatch(input, market.where("ts >= '2010-01-01' AND ts < '2011-01-01'"))
      assert(
        refusal("ta_rsi(close, 15)").contains(
          "state refused: it was saved by rsi.1[0](14) of 1, this program is rsi.1[0](15) of 1; replay the history"
        )
      )
      assert(refusal("ta_rsi(close * 2, 14)").contains("made from other inputs"))
      assert(run(result("ta_rsi(close, 14)"), folder.resolve("checkpoint")).nonEmpty)
    }
  }

  test("the state store shows where each series stands, in few bytes") {
    withStream { folder =>
      addBatches(folder.resolve("in"), market, 2, "ts")
      val five = calls
        .take(5)
        .foldLeft(
          Indicators.on(stream(folder.resolve("in"))).keyedBy("series").orderedBy("ts", "seq")
        ) { case (added, (column, call)) => added.add(column, call) }
      run(five.toDF(), folder.resolve("checkpoint"))
      val state = spark.read
        .format("statestore")
        .option("path", folder.resolve("checkpoint").toString)
        .option("stateVarName", "series")
        .load()
      val until = state.selectExpr("key.series", "value.time").collect().toSeq
      val wanted = market.groupBy("series").agg(org.apache.spark.sql.functions.max("ts"))
      assert(bits(until) == bits(wanted.collect().toSeq))
      // A row of Spark's has 8 bytes for each of its 7 fields and for what is NULL.
      val sizes = state.selectExpr("64 + length(value.ties) + length(value.indicators)").collect()
      assert(sizes.map(_.getInt(0)).forall(_ <= 400), sizes.toSeq)
    }
  }
}
