package io.financelake.jobs

import java.io.PrintStream

import scala.collection.mutable

import io.financelake.lake.Outcome
import org.apache.spark.sql.streaming.StreamingQuery

/** The commits of a stream, as lines and as metrics. */
final private[jobs] class Commits(out: PrintStream) {
  import Commits._

  private val tables = mutable.LinkedHashMap.empty[String, Table]
  @volatile private var queries = Seq.empty[StreamingQuery]

  /** Counts a commit and tells of it. */
  def add(outcome: Outcome, took: Double): Unit = synchronized {
    if (outcome.committed) {
      val table = tables.getOrElseUpdate(outcome.table, new Table)
      table.commits += 1
      table.rows += outcome.rowsWritten
      table.seconds += took
      table.version = outcome.version
      table.at = System.currentTimeMillis()
      out.println(line(outcome, took))
    }
  }

  /** Has these queries' progress among the metrics. */
  def watch(running: Seq[StreamingQuery]): Unit = queries = running

  def count: Long = synchronized(tables.values.map(_.commits).sum)

  /** What Prometheus reads. */
  def exposition: String = synchronized {
    val perTable = Seq[(String, String, String, Table => String)](
      ("commits_total", "counter", "Commits of this process", t => t.commits.toString),
      ("rows_total", "counter", "Rows written by this process", t => t.rows.toString),
      ("commit_seconds_total", "counter", "Seconds that commits took", t => t.seconds.toString),
      ("version", "gauge", "Newest version of the table", t => t.version.toString),
      ("last_commit_timestamp_seconds", "gauge", "When it last committed", t => s"${t.at / 1e3}")
    ).map { case (name, kind, help, value) =>
      metric(
        name,
        kind,
        help,
        tables.toSeq.map { case (table, t) => s"""table="$table"""" -> value(t) }
      )
    }
    val lag = queries.flatMap { query =>
      Option(query.lastProgress).toSeq.flatMap(_.sources).flatMap { source =>
        Option(source.metrics.get("maxOffsetsBehindLatest"))
          .map(behind => s"""query="${query.name}"""" -> behind)
      }
    }
    val rate = queries.flatMap { query =>
      Option(query.lastProgress).map(p =>
        s"""query="${query.name}"""" -> number(p.inputRowsPerSecond)
      )
    }
    (perTable ++ Seq(
      metric("lag_records", "gauge", "Records that Kafka has and Bronze not yet", lag),
      metric("input_rows_per_second", "gauge", "Records that the last batch took", rate)
    )).mkString
  }
}

private[jobs] object Commits {
  final private class Table {
    var commits, rows, version, at = 0L
    var seconds = 0.0
  }

  /** A commit in a line. */
  def line(outcome: Outcome, took: Double): String = {
    val time = "%.1f s".formatLocal(java.util.Locale.ROOT, took)
    f"${outcome.table}%-26s ${Job.number(outcome.rowsWritten)} rows in version ${outcome.version}, $time"
  }

  private def number(value: Double): String = if (value.isNaN) "NaN" else value.toString

  private def metric(
      name: String,
      kind: String,
      help: String,
      values: Seq[(String, String)]
  ): String = {
    val full = s"financelake_stream_$name"
    val lines = values.map { case (labels, value) => s"$full{$labels} $value\n" }
    s"# HELP $full $help.\n# TYPE $full $kind\n${lines.mkString}"
  }
}
