package io.financelake.lake

import java.sql.{Date, Timestamp}
import java.time.Instant

import scala.jdk.CollectionConverters._

import io.financelake.sql.TrendModel
import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._

/** `gold/model_monitoring`: per month what a model said, how sure it was, how often it was right where that is known by
  * now, and how far its features had moved from those of its training.
  */
final class Monitoring(lake: Lake, name: String, version: Int, model: TrendModel) {

  /** Makes the rows of the model anew from its predictions, in one commit.
    *
    * @param bars
    *   of the series that are scored
    */
  def refresh(bars: DataFrame): Unit = {
    val table = lake.table(Layout.goldMonitoring)
    // UTC days, whatever the session's time zone.
    val day = expr("date_from_unix_date(CAST(floor(unix_seconds(ts) / 86400) AS INT))")
    val month = trunc(day, "month")
    val drift = new FeatureDrift(model).of(bars, month)
    val sure = greatest(col("p_down"), col("p_up"), col("p_neutral")).cast("double")
    val came = array(col("p_down"), col("p_up"), col("p_neutral"))
    def share(condition: org.apache.spark.sql.Column) = avg(when(condition, 1.0).otherwise(0.0))
    val known = col("label").isNotNull
    val rows = lake
      .table(Layout.goldPredictions)
      .rows
      .where(col("model") === name)
      .groupBy(month.as("month"))
      .agg(
        count(lit(1)),
        share(col("prediction") === 0),
        share(col("prediction") === 1),
        share(col("prediction") === 2),
        avg(sure),
        count_if(known),
        avg(when(known, when(col("prediction") === col("label"), 1.0).otherwise(0.0))),
        avg(
          when(known, -log(greatest(element_at(came, col("label") + 1).cast("double"), lit(1e-30))))
        )
      )
      .collect()
    val now = Timestamp.from(Instant.now())
    val told = rows.toSeq.map { row =>
      val moved = drift.collect {
        case ((period, feature), index) if period == row.get(0) => feature -> index
      }
      Row.fromSeq(Seq[Any](name, version) ++ row.toSeq ++ Seq[Any](moved, now))
    }
    val frame = lake.spark.createDataFrame(told.asJava, Layout.goldMonitoring.schema)
    val order = Layout.goldMonitoring.order.map(col)
    table.replace(
      frame.coalesce(1).sortWithinPartitions(order: _*),
      Some(s"model = '$name'"),
      Marker(s"financelake:monitoring:$name", table.version + 1)
    )
  }
}

object Monitoring {

  /** The largest drift of a feature over the bars of the last ninety days, with its name; nothing for a model that does
    * not say what it was trained on.
    */
  def drift(model: TrendModel, bars: DataFrame): Option[(String, Double)] = {
    val newest = bars.agg(max("ts")).head()
    if (newest.isNullAt(0)) None
    else {
      val since = Timestamp.from(newest.getTimestamp(0).toInstant.minusSeconds(90L * 86400))
      val recent = when(col("ts") > lit(since), lit(Date.valueOf("1970-01-01")))
      new FeatureDrift(model)
        .of(bars, recent)
        .map { case ((_, feature), index) => feature -> index }
        .maxByOption(_._2)
    }
  }
}
