package io.financelake.streaming

import java.sql.Timestamp
import java.util.concurrent.ConcurrentLinkedQueue

import scala.jdk.CollectionConverters._

import org.apache.spark.sql.{Row, SQLContext}
import org.apache.spark.sql.execution.streaming.runtime.MemoryStream
import org.apache.spark.sql.streaming.{StreamingQuery, StreamingQueryProgress, Trigger}
import org.scalatest.concurrent.Eventually
import org.scalatest.time.{Seconds, Span}

/** Series that fall silent, by the real clock. */
class StreamTimersSuite extends StreamRuns with Eventually {
  import spark.implicits._

  implicit override val patienceConfig: PatienceConfig = PatienceConfig(Span(180, Seconds))

  private type Bar = (String, Timestamp, Double)

  /** Runs a stream of bars, with what it gives out so far. */
  private def withBars(options: Indicators => Indicators)(
      body: (MemoryStream[Bar], () => Seq[Row], StreamingQuery) => Unit
  ): Unit = withStream { folder =>
    implicit val context: SQLContext = spark.sqlContext
    val bars = MemoryStream[Bar]
    val stream = bars.toDF().toDF("series", "ts", "close")
    val sums =
      Indicators.on(stream).keyedBy("series").orderedBy("ts").add("two", "ta_sum(close, 2)")
    val rows = new ConcurrentLinkedQueue[Row]
    val query =
      start(options(sums).toDF(), folder, "append", Trigger.ProcessingTime(100))(batch =>
        rows.addAll(batch.asJava)
      )
    try body(bars, () => rows.asScala.toSeq, query)
    finally query.stop()
  }

  private def bar(series: String, second: Int, close: Double): Bar =
    (series, new Timestamp(second * 1000L), close)

  private def sums(rows: Seq[Row]): Seq[(String, Any)] =
    rows.map(row => (row.getString(0), row.get(3)))

  private def states(progress: StreamingQueryProgress): Long =
    progress.stateOperators.map(_.numRowsTotal).sum

  test("the delay of a silent series ends after flushAfter, and its state goes on") {
    withBars(_.delay("1 hour").flushAfter("2 seconds")) { (bars, found, _) =>
      bars.addData(bar("A", 1, 1.0), bar("A", 2, 2.0))
      eventually(assert(sums(found()) == Seq("A" -> null, "A" -> 3.0)))
      bars.addData(bar("A", 3, 4.0), bar("A", 2, 8.0))
      eventually(assert(sums(found()) == Seq("A" -> null, "A" -> 3.0, "A" -> 6.0)))
    }
  }

  test("a silent series is forgotten after expireAfter, and begins anew") {
    withBars(_.expireAfter("1 second")) { (bars, found, query) =>
      bars.addData(bar("A", 1, 1.0))
      eventually(assert(sums(found()) == Seq("A" -> null)))
      // The rows are seen here before the batch is done: only after a progress with a state can an empty one be believed.
      eventually(assert(query.recentProgress.exists(states(_) > 0)))
      eventually(assert(states(query.lastProgress) == 0))
      // It was forgotten, so even its own row of before is new.
      bars.addData(bar("A", 1, 1.0), bar("A", 2, 2.0))
      eventually(assert(sums(found()) == Seq("A" -> null, "A" -> null, "A" -> 3.0)))
    }
  }
}
