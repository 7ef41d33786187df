package io.financelake.jobs

import java.time.Instant

import scala.collection.mutable
import scala.jdk.CollectionConverters._

import io.financelake.lake.{Bronze, Lake, Layout}
import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types._

/** Counts the records that tables got since it was made, whoever wrote them: refused ones by their reason, and late ones. It reads
  * the refused rows of new commits, and two columns of Silver's changes.
  */
final private[jobs] class RecordCounts(lake: Lake) {
  import RecordCounts._

  private val tables = (Layout.bronzeTables ++ Layout.silverTables).map(lake.table)
  private val seen = mutable.Map.from(tables.map(table => table.layout -> table.version))
  private val refused = mutable.Map.empty[(String, String), Long]
  private val late = mutable.Map.empty[String, Long]
  private val newest = mutable.Map.empty[String, Instant]

  /** What was counted so far, after a look at what is new. */
  def look(): Seq[Sample] = {
    tables.foreach { table =>
      val (layout, until) = (table.layout, table.version)
      val after = seen(layout)
      if (until > after) {
        if (Layout.bronzeTables.contains(layout))
          table.rowsAddedSince(Some(after), until).foreach { rows =>
            Bronze.refused(rows, None).groupBy("reason").count().collect().foreach { row =>
              val place = layout.name -> row.getString(0)
              refused(place) = refused.getOrElse(place, 0L) + row.getLong(1)
            }
          }
        else
          table.changesSince(after, until).foreach { changes =>
            late(layout.name) = late.getOrElse(layout.name, 0L) + countLate(changes)
          }
        seen(layout) = until
      }
    }
    val ofReasons = refused.toSeq.sorted.map { case ((table, reason), count) =>
      Sample(Refused, table, count.toDouble, Some(reason))
    }
    ofReasons ++ late.toSeq.sorted.map { case (table, count) =>
      Sample(Late, table, count.toDouble)
    }
  }

  /** Rows that came after ones of their series that are newer by more than the time that they have. */
  private def countLate(changes: DataFrame): Long = {
    val known = newest.toSeq.map { case (series, at) => Row(series, at) }
    val before = lake.spark.createDataFrame(known.asJava, newestSchema)
    val isLate = col("ts") < col("newest") - expr(Allowed)
    val found = changes
      .where(col("_change_type").isin("insert", "update_postimage"))
      .join(broadcast(before), Seq("series"), "left")
      .groupBy("series")
      .agg(max("ts").cast("TIMESTAMP").as("last"), count(when(isLate, lit(1))).as("late"))
      .select(col("series"), unix_micros(col("last")), col("late"))
      .collect()
    found.foreach { row =>
      val last = Instant.EPOCH.plusNanos(row.getLong(1) * 1000)
      newest.updateWith(row.getString(0))(_.filter(_.isAfter(last)).orElse(Some(last)))
    }
    found.map(_.getLong(2)).sum
  }
}

private[jobs] object RecordCounts {
  private val Refused =
    Metric("refused_total", "counter", "Records that were refused, by reason", "table")
  private val Late = Metric(
    "late_rows_total",
    "counter",
    "Rows that came ten minutes after newer ones of their series",
    "table"
  )

  /** How far a row may be behind the newest of its series, as windows become final then. */
  private val Allowed = "INTERVAL 10 MINUTES"
  private val newestSchema = StructType.fromDDL("series STRING, newest TIMESTAMP")

  val metrics: Seq[Metric] = Seq(Refused, Late)
}
