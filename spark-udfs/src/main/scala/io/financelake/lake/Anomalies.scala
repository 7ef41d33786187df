package io.financelake.lake

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.ObjectMapper
import io.financelake.jni.NativeAnomalies
import org.apache.spark.sql.{DataFrame, Encoders, Row}
import org.apache.spark.sql.functions._

/** `gold/anomalies`: bars of all Silver tables that stand out of those before them. A series with news is looked
  * through whole; what was found before keeps the time when it was.
  *
  * @param thresholds
  *   what replaces those of the asset class, as a JSON object
  */
final class Anomalies(lake: Lake, thresholds: String) {
  import Derived._

  private val derived =
    new Derived(lake, Layout.goldAnomalies, Layout.silverTables, "anomalies", thresholds)

  /** Takes in what has changed in Silver, in at most one commit. */
  def refresh(): Outcome = derived.refresh {
    case (bars, ChangedSince(first)) =>
      val names = first.keys.toSeq
      val own = bars.where(col("series").isin(names: _*))
      Rows(dated(found(own)), Some(Gold.condition(names)), names.size.toLong)
    case (bars, _) => Rows(dated(found(bars)), None)
  }

  private def found(silver: DataFrame): DataFrame = {
    // Not this object, which holds a session, goes with the tasks.
    val replaced = thresholds
    silver
      .select(
        col("series"),
        col("ts"),
        col("seq"),
        col("asset_class"),
        unix_micros(col("ts")),
        col("close"),
        col("volume")
      )
      .repartition(col("series"))
      .sortWithinPartitions("series", "ts", "seq")
      .mapPartitions(rows => BySeries.flatMap(rows)(Anomalies.ofSeries(_, replaced)))(
        Encoders.row(Layout.goldAnomalies.schema)
      )
  }

  /** With the time of detection of those that are there already. */
  private def dated(found: DataFrame): DataFrame =
    if (!derived.table.exists) found
    else {
      val key = Seq("series", "ts", "kind")
      val known = derived.table.rows
        .groupBy(key.map(col): _*)
        .agg(min("detected_at").as("__before"))
      found
        .join(known, key, "left")
        .withColumn("detected_at", coalesce(col("__before"), col("detected_at")))
        .select(Layout.goldAnomalies.schema.names.toSeq.map(col): _*)
    }
}

object Anomalies {

  private def ofSeries(bars: Seq[Row], replaced: String): Iterator[Row] = {
    def doubles(column: Int): Array[Double] =
      bars.map(row => if (row.isNullAt(column)) Double.NaN else row.getDouble(column)).toArray
    val json = NativeAnomalies.find(
      bars.head.getString(3),
      replaced,
      bars.map(_.getLong(4)).toArray,
      doubles(5),
      doubles(6)
    )
    val now = java.sql.Timestamp.from(java.time.Instant.now())
    new ObjectMapper().readTree(json).elements.asScala.map { found =>
      val bar = bars(found.path("row").asInt)
      val numbers = Seq("value", "expected", "score", "threshold").map(found.path(_).asDouble)
      Row.fromSeq(
        Seq(bar.getString(0), bar.get(1), found.path("kind").asText) ++ numbers ++
          Seq(found.path("explanation").asText, now)
      )
    }
  }
}
