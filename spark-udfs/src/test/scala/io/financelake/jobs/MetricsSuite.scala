package io.financelake.jobs

import java.io.{ByteArrayOutputStream, PrintStream}
import java.nio.charset.StandardCharsets.UTF_8

import io.financelake.lake._
import io.financelake.market.RecordSettings
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.functions.col

/** What a stream measures: counts of the tables' own rows, for Prometheus and in the lake. */
class MetricsSuite extends LakeSuite {
  private def measured(body: java.nio.file.Path => Unit): Unit =
    withSettings(interpreted :+ "spark.sql.shuffle.partitions" -> "2": _*)(withFolder(body))

  private def receive(lake: Lake, values: Seq[String], from: Long): Unit = {
    new Bronze(lake, "")
      .receive(Layout.bronzeStock, kafka(values, from), RecordSettings.plain, Job.now())
    Layout.silverTables.foreach(lake.refresh)
  }

  private def minute(time: String, close: Double = 10) = quote(s"2024-03-04T$time:00Z", close)

  private def values(samples: Seq[Sample]): Map[(String, String), Double] =
    samples.map(s => (s.metric.name, s.reason.getOrElse(s.subject)) -> s.value).toMap

  test("refused records count by reason and late rows by the time of their series, each once") {
    measured { folder =>
      val lake = new Lake(spark, new Path(folder.toUri))
      receive(lake, Seq(minute("09:00"), "{", "{"), 0)
      // What was there before does not count.
      val counts = new RecordCounts(lake)
      assert(counts.look().isEmpty)
      receive(lake, Seq(minute("10:00"), "{", minute("10:01", close = 99), null), 3)
      val first = values(counts.look())
      assert(first(("refused_total", "malformed_json")) == 1)
      assert(first(("refused_total", "close_outside_range")) == 1)
      assert(first(("late_rows_total", "silver/stock_data")) == 0)
      assert(!first.keys.exists(_._2 == "empty_line"))
      // Ten minutes are not late; more is.
      receive(lake, Seq(minute("09:50"), minute("09:49"), minute("09:48"), "{"), 7)
      val second = values(counts.look())
      assert(second(("late_rows_total", "silver/stock_data")) == 2)
      assert(second(("refused_total", "malformed_json")) == 2)
      assert(values(counts.look()) == second)
    }
  }

  test("the table has what Prometheus is told, with the run and the time") {
    measured { folder =>
      val lake = new Lake(spark, new Path(folder.toUri))
      val out = new ByteArrayOutputStream
      val commits = new Commits(new PrintStream(out, true))
      val kept = new MetricsTable(lake, commits, new PrintStream(out, true))
      kept.write()
      assert(!lake.table(Layout.metrics).exists)
      receive(lake, Seq(minute("09:00"), "{"), 0)
      commits.add(Outcome("bronze/stock_data", 0, committed = true, 2, 2), 1.5)
      kept.write()
      commits.add(Outcome("bronze/stock_data", 1, committed = true, 3, 3), 1)
      kept.write()
      val stored = table(folder, "_metrics")
      assert(stored.select("at").distinct().count() == 2)
      assert(stored.select("run").distinct().count() == 1)
      assert(stored.where(col("date") =!= col("at").cast("DATE")).isEmpty)
      val last = stored.orderBy(col("at").desc).select("at").head()
      val rows = stored.where(col("at") === last.get(0)).collect().map { row =>
        (row.getAs[String]("metric"), row.getAs[String]("subject")) -> row.getAs[Double]("value")
      }
      val found = rows.toMap
      assert(found(("rows_total", "bronze/stock_data")) == 5)
      assert(found(("commit_seconds_total", "bronze/stock_data")) == 2.5)
      assert(found(("refused_total", "bronze/stock_data")) == 1)
      val text = commits.exposition
      assert(text.contains("financelake_stream_rows_total{table=\"bronze/stock_data\"} 5\n"))
      val refused = "{table=\"bronze/stock_data\",reason=\"malformed_json\"} 1\n"
      assert(text.contains("financelake_stream_refused_total" + refused))
      assert(Commits.metrics.forall(m => text.contains(s"# TYPE financelake_stream_${m.name} ")))
      assert(!out.toString(UTF_8).contains("not kept"))
    }
  }
}
