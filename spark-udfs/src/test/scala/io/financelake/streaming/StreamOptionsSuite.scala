package io.financelake.streaming

import org.apache.spark.sql.{AnalysisException, DataFrame}
import org.apache.spark.sql.types.{DoubleType, IntegerType}

import io.financelake.sql.IndicatorDefinition

/** What the builder accepts and refuses. */
class StreamOptionsSuite extends StreamRuns {

  private def bars: DataFrame = spark.readStream
    .format("rate")
    .load()
    .selectExpr("value AS series", "timestamp AS ts", "1 AS seq", "'a' AS text", "1.5D AS close")

  private def some: Indicators =
    Indicators.on(bars).keyedBy("series").orderedBy("ts", "seq").add("x", "ta_sma(close, 2)")

  private def refusal(indicators: => Indicators): String =
    intercept[IllegalArgumentException](indicators.toDF()).getMessage

  test("options that do not fit are refused with what to write") {
    val on = Indicators.on(bars)
    for {
      (indicators, says) <- Seq[(() => Indicators, String)](
        (() => on, "write keyedBy"),
        (() => on.keyedBy("series"), "write orderedBy"),
        (() => on.keyedBy("series").orderedBy("ts"), "write add("),
        (() => some.keyedBy("symbol"), "no column 'symbol'; it has series, ts, seq, text, close"),
        (() => some.orderedBy("close"), "'close' is DOUBLE, which is no time"),
        (() => some.orderedBy("ts", "text"), "'text' is STRING; rows of the same time"),
        (() => some.add("close", "ta_rsi(close, 2)"), "two columns 'close'"),
        (() => some.add("x", "ta_rsi(close, 2)"), "two columns 'x'"),
        (() => some.withStatus("x"), "two columns 'x'"),
        (() => some.delay("soon"), "delay 'soon' is no length of time"),
        (() => some.delay("-1 hour"), "delay '-1 hour' is no length of time"),
        (() => some.expireAfter("1 month"), "expireAfter '1 month' is no length of time"),
        (() => some.mode("complete"), "mode 'complete': write 'final' or 'update'"),
        (() => some.add("y", "close"), "'close' must be calls of indicators"),
        (() => some.add("y", "sum(close)"), "'sum(close)' must be calls of indicators"),
        (() => some.add("y", "ta_sma(close, 2) + 1"), "must be calls of indicators"),
        (() => some.add("y", "ta_sma(rand(), 2)"), "is not the same each time"),
        (() => Indicators.on(spark.range(1).toDF()), "a table, not a stream")
      )
    } assert(refusal(indicators()).contains(says))
  }

  test("calls are refused as SQL refuses them") {
    for {
      (call, says) <- Seq(
        "ta_sma(text)" -> "close must be a number",
        "ta_sma(close, 1000000)" -> "timeperiod = 1000000 is out of range",
        "ta_sma(price)" -> "UNRESOLVED_COLUMN",
        "ta_smaa(close)" -> "UNRESOLVED_ROUTINE"
      )
    } {
      val message = intercept[AnalysisException](some.add("y", call).toDF()).getMessage
      assert(message.contains(says), message)
    }
  }

  test("every function of the registry has the type that it has in SQL") {
    def call(definition: IndicatorDefinition): String =
      definition.inputs.map(_ => "close").mkString(s"${definition.sqlName}(", ", ", ")")
    val all = IndicatorDefinition.all.foldLeft(some)((added, d) => added.add(d.sqlName, call(d)))
    val types = all.toDF().schema.map(field => field.name -> field.dataType).toMap
    IndicatorDefinition.all.foreach(d => assert(types(d.sqlName) == d.dataType))
    assert(types("x") == DoubleType && types("ta_cdldoji") == IntegerType)
  }

  test("names with dots, quotes and capitals") {
    withStream { folder =>
      val odd =
        market.limit(100).selectExpr("series AS `the.Series`", "ts AS `T``s`", "close AS Close")
      addBatch(folder.resolve("in"), odd)
      val result = Indicators
        .on(stream(folder.resolve("in")))
        .keyedBy("the.Series")
        .orderedBy("T`s")
        .add("a.b", "ta_sma(Close, 2)")
        .toDF()
      assert(result.columns.toSeq == Seq("the.Series", "T`s", "Close", "a.b"))
      assert(run(result, folder.resolve("checkpoint")).size == 100)
    }
  }

  test("spark.financelake.stream.partitions is the number of partitions of a new stream") {
    withStream { folder =>
      addBatch(folder.resolve("in"), market.limit(500))
      def partitions: Seq[Int] = {
        val (_, progress) = runWithProgress(
          indicators(stream(folder.resolve("in"))).toDF(),
          folder.resolve("checkpoint")
        )
        progress.flatMap(_.stateOperators.map(_.numShufflePartitions.toInt)).distinct
      }
      withSettings("spark.financelake.stream.partitions" -> "3")(assert(partitions == Seq(3)))
      addBatch(folder.resolve("in"), market.limit(500))
      withSettings("spark.financelake.stream.partitions" -> "5")(assert(partitions == Seq(3)))
      withSettings("spark.financelake.stream.partitions" -> "x") {
        assert(refusal(some).contains("write a whole number from 0 to 100000"))
      }
    }
  }

  test("another mode is refused by a checkpoint") {
    withStream { folder =>
      def result(mode: String) = indicators(stream(folder.resolve("in"))).mode(mode).toDF()
      addBatch(folder.resolve("in"), market.limit(500))
      run(result("final"), folder.resolve("checkpoint"))
      addBatch(folder.resolve("in"), market.limit(500))
      val refused = intercept[Exception](
        run(result("update"), folder.resolve("checkpoint"), "update")
      )
      assert(refused.getMessage.contains("STATE_STORE_INVALID_CONFIG_AFTER_RESTART"))
    }
  }
}
