package io.financelake.jobs

import java.io.PrintStream
import java.time.{Instant, ZoneOffset}
import java.time.temporal.ChronoUnit
import java.util.UUID

import scala.jdk.CollectionConverters._
import scala.util.control.NonFatal

import io.financelake.lake.{Lake, Layout, Marker}
import org.apache.spark.sql.{Row, SparkSession}

/** The metrics of a stream in the lake's own table `_metrics`, for those who ask later, or from elsewhere.
  *
  * @param lake
  *   with a session of its own
  */
final private[jobs] class MetricsTable(lake: Lake, commits: Commits, out: PrintStream) {
  private val run = UUID.randomUUID.toString
  private val table = lake.table(Layout.metrics)
  private val counts = new RecordCounts(lake)
  private var written = 0L

  /** Counts what is new and adds all values as they are now. A failure is told, and the stream goes on. */
  def write(): Unit = {
    val active = SparkSession.getActiveSession
    // A commit's marks are settings of the active session.
    SparkSession.setActiveSession(lake.spark)
    try {
      commits.counted(counts.look())
      append(commits.samples, Instant.now().truncatedTo(ChronoUnit.MILLIS))
    } catch {
      case NonFatal(failure) => out.println(s"the metrics were not kept: ${Job.reason(failure)}")
    } finally active.foreach(SparkSession.setActiveSession)
  }

  private def append(samples: Seq[Sample], at: Instant): Unit = if (samples.nonEmpty) {
    val date = at.atZone(ZoneOffset.UTC).toLocalDate
    val rows = samples.map { sample =>
      Row(at, date, run, sample.metric.name, sample.subject, sample.reason.orNull, sample.value)
    }
    written += 1
    val marker = Marker(s"financelake:metrics:$run", written)
    table.append(lake.spark.createDataFrame(rows.asJava, table.layout.schema).coalesce(1), marker)
  }
}
