package io.financelake.jobs

import java.io.PrintStream

import scala.collection.mutable

import io.financelake.lake.Outcome
import org.apache.spark.sql.streaming.{StreamingQuery, StreamingQueryProgress}

/** The commits of a stream, as lines and as metrics. */
final private[jobs] class Commits(out: PrintStream) {
  import Commits._

  private val tables = mutable.LinkedHashMap.empty[String, Table]
  @volatile private var queries = Seq.empty[StreamingQuery]
  @volatile private var counts = Seq.empty[Sample]

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

  /** Has what was counted in the tables among the metrics. */
  def counted(samples: Seq[Sample]): Unit = counts = samples

  def count: Long = synchronized(tables.values.map(_.commits).sum)

  /** All values as they are now. */
  def samples: Seq[Sample] = synchronized {
    val ofTables = for {
      (metric, value) <- perTable
      (name, table) <- tables.toSeq
    } yield Sample(metric, name, value(table))
    val ofQueries = for {
      query <- queries
      progress <- Option(query.lastProgress).toSeq
      (metric, value) <- perQuery
      found <- value(progress)
    } yield Sample(metric, query.name, found)
    ofTables ++ ofQueries ++ counts
  }

  /** What Prometheus reads. */
  def exposition: String = Sample.exposition(metrics, samples)
}

private[jobs] object Commits {
  final private class Table {
    var commits, rows, version, at = 0L
    var seconds = 0.0
  }

  private val perTable: Seq[(Metric, Table => Double)] = {
    def metric(name: String, kind: String, help: String) = Metric(name, kind, help, "table")
    Seq(
      metric("commits_total", "counter", "Commits of this process") -> (_.commits.toDouble),
      metric("rows_total", "counter", "Rows written by this process") -> (_.rows.toDouble),
      metric("commit_seconds_total", "counter", "Seconds that commits took") -> (_.seconds),
      metric("version", "gauge", "Newest version of the table") -> (_.version.toDouble),
      metric("last_commit_timestamp_seconds", "gauge", "When it last committed") -> (_.at / 1e3)
    )
  }

  private val perQuery: Seq[(Metric, StreamingQueryProgress => Option[Double])] = {
    def gauge(name: String, help: String) = Metric(name, "gauge", help, "query")
    Seq(
      gauge("lag_records", "Records that Kafka has and Bronze not yet") -> { progress =>
        val behind = progress.sources.flatMap(s => Option(s.metrics.get("maxOffsetsBehindLatest")))
        behind.headOption.map(_.toDouble)
      },
      gauge("input_rows_per_second", "Records a second that the last batch took") -> { progress =>
        Some(progress.inputRowsPerSecond)
      },
      gauge("batch", "Number of the last batch") -> (progress => Some(progress.batchId.toDouble)),
      gauge("batch_seconds", "Seconds that the last batch took") -> { progress =>
        Option(progress.durationMs.get("triggerExecution")).map(_ / 1e3)
      }
    )
  }

  /** Everything that is measured. */
  val metrics: Seq[Metric] = perTable.map(_._1) ++ perQuery.map(_._1) ++ RecordCounts.metrics

  /** A commit in a line. */
  def line(outcome: Outcome, took: Double): String = {
    val time = "%.1f s".formatLocal(java.util.Locale.ROOT, took)
    f"${outcome.table}%-26s ${Job.number(outcome.rowsWritten)} rows in version ${outcome.version}, $time"
  }
}
