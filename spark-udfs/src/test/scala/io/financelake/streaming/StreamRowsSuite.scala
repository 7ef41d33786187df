package io.financelake.streaming

import org.apache.spark.sql.{DataFrame, Row}

/** What becomes of rows that are late, come twice, or have no place. */
class StreamRowsSuite extends StreamRuns {
  import spark.implicits._

  private def rows(seconds: (Int, Int, Double)*): DataFrame =
    seconds
      .toDF("second", "seq", "close")
      .selectExpr("'A' AS series", "timestamp_seconds(second) AS ts", "seq", "close")

  private def sums(stream: DataFrame): Indicators =
    Indicators.on(stream).keyedBy("series").orderedBy("ts", "seq").add("two", "ta_sum(close, 2)")

  /** Second, sequence number, sum of two closes, status. */
  private def short(rows: Seq[Row]): Seq[(Long, Int, Any, String)] = rows.map { row =>
    (row.getTimestamp(1).getTime / 1000, row.getInt(2), row.get(4), row.getString(5))
  }

  test("rows behind a final one are late, rows of a place that is taken are duplicates") {
    withStream { folder =>
      val input = folder.resolve("in")
      addBatch(input, rows((10, 0, 1), (20, 0, 2), (20, 1, 4), (30, 0, 8)))
      // Of one place the first row counts, in the state and in a batch.
      addBatch(input, rows((30, 0, 16), (25, 0, 32), (20, 1, 64), (15, 0, 128)))
      addBatch(input, rows((45, 0, 256)))
      val (found, progress) = runWithProgress(
        sums(stream(input)).delay("10 seconds").withStatus("status").toDF(),
        folder.resolve("checkpoint")
      )
      assert(
        short(found) == Seq(
          (10, 0, null, "final"),
          (20, 0, 3.0, "final"),
          (20, 1, 6.0, "final"),
          (15, 0, null, "late"),
          (20, 1, null, "duplicate"),
          (30, 0, null, "duplicate"),
          (25, 0, 36.0, "final"),
          (30, 0, 40.0, "final")
        )
      )
      def counted(status: String): Long =
        progress
          .flatMap(p => Option(p.observedMetrics.get("indicators")))
          .map(_.getAs[Long](status))
          .sum
      assert(Seq("final", "late", "duplicate", "unordered").map(counted) == Seq(5, 1, 2, 0))
      val without = run(
        sums(stream(input)).delay("10 seconds").toDF(),
        folder.resolve("other")
      )
      assert(without.size == 5 && without.head.size == 5)
    }
  }

  test("rows without a time or tie-breaker, and with NULL inputs") {
    withStream { folder =>
      val found = Seq[(Option[Int], Option[Int], Option[Double])](
        (Some(1), Some(0), Some(1.0)),
        (None, Some(0), Some(2.0)),
        (Some(2), None, Some(4.0)),
        (Some(3), Some(0), None),
        (Some(4), Some(0), Some(8.0))
      ).toDF("second", "seq", "close")
        .selectExpr("'A' AS series", "timestamp_seconds(second) AS ts", "seq", "close")
      addBatch(folder.resolve("in"), found)
      val result = run(
        sums(stream(folder.resolve("in"))).withStatus("status").toDF(),
        folder.resolve("checkpoint")
      )
      val values = result.map(row => (row.get(3), row.get(4), row.getString(5))).toSet
      assert(
        values == Set[(Any, Any, String)](
          (1.0, null, "final"),
          (2.0, null, "unordered"),
          (4.0, null, "unordered"),
          (null, null, "final"),
          (8.0, 9.0, "final")
        )
      )
    }
  }

  test("whatever is late, the final rows are those of SQL over the rows that were not refused") {
    withStream { folder =>
      val late = "CASE WHEN rand(1) < 0.1 THEN 86400e6 ELSE 3599e6 END * rand(2)"
      addBatches(folder.resolve("in"), market, 8, s"unix_micros(ts) + $late")
      val found = run(
        indicators(stream(folder.resolve("in"))).delay("1 hour").withStatus("status").toDF(),
        folder.resolve("checkpoint")
      )
      val (refused, accepted) = found.partition(row => row.getString(row.size - 1) == "late")
      assert(refused.size > 10)
      val places = refused.map(row => (row.getString(0), row.getTimestamp(1))).toDF("series", "ts")
      val kept = market
        .join(places, Seq("series", "ts"), "left_anti")
        .selectExpr(market.columns.toIndexedSeq: _*)
      val over = "max(ts) OVER (PARTITION BY series) - INTERVAL 1 HOUR"
      val wanted = inSql(kept).selectExpr("*", s"$over AS until").where("ts <= until").drop("until")
      assert(
        bits(accepted.map(row => Row.fromSeq(row.toSeq.init))) == bits(wanted.collect().toSeq)
      )
    }
  }

  test("mode update gives rows at once, and corrects those after a late one") {
    withStream { folder =>
      val input = folder.resolve("in")
      addBatch(input, rows((10, 0, 1), (20, 0, 2)))
      addBatch(input, rows((15, 0, 4)))
      addBatch(input, rows((40, 0, 8)))
      addBatch(input, rows((25, 0, 16)))
      val found = run(
        sums(stream(input)).delay("10 seconds").mode("update").withStatus("status").toDF(),
        folder.resolve("checkpoint"),
        "update"
      )
      assert(
        short(found) == Seq(
          (10, 0, null, "new"),
          (20, 0, 3.0, "new"),
          (15, 0, 5.0, "new"),
          (20, 0, 6.0, "corrected"),
          (40, 0, 10.0, "new"),
          // Behind the delay, and yet after the last final row.
          (25, 0, 18.0, "new"),
          (40, 0, 24.0, "corrected")
        )
      )
    }
  }

  test("in mode update the last row given out for a place is that of SQL") {
    withStream { folder =>
      addBatches(folder.resolve("in"), market, 8, "unix_micros(ts) + 7199e6 * rand(7)")
      val found = run(
        indicators(stream(folder.resolve("in"))).delay("2 hours").mode("update").toDF(),
        folder.resolve("checkpoint"),
        "update"
      )
      val last = found.foldLeft(Map.empty[(Any, Any), Row]) { (rows, row) =>
        rows.updated((row.get(0), row.get(1)), row)
      }
      assert(found.size > last.size)
      assert(bits(last.values.toSeq) == bits(inSql(market).collect().toSeq))
    }
  }
}
