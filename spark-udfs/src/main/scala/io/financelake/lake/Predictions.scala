package io.financelake.lake

import java.sql.Timestamp

import scala.jdk.CollectionConverters._

import io.financelake.jni.NativeTrainer
import io.financelake.sql.TrendModel
import org.apache.spark.sql.{Column, DataFrame, Encoders, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types._
import org.apache.spark.storage.StorageLevel

/** `gold/trend_predictions`: what a model says about the daily bars, and the class that came where that is known.
  *
  * A bar changes the results of itself and of those after it, and the class of as many before it as the model looks
  * ahead. So where Silver tells what has changed, scoring begins there, with the rows of a window before it; features,
  * which cost a thousandth of it and may depend on all earlier bars, are computed over whole series.
  *
  * @param name
  *   of the model in the lake
  * @param symbols
  *   whose bars are scored, by default those of the series that the model was trained on
  */
final class Predictions(
    lake: Lake,
    name: String,
    version: Int,
    model: TrendModel,
    symbols: Option[Seq[String]]
) {
  import Derived._

  private val trainedOn: Seq[String] =
    model.card.path("training").path("series").elements.asScala.map(_.asText).toSeq

  if (symbols.isEmpty && trainedOn.isEmpty)
    throw new IllegalArgumentException(
      s"model $model does not say which series it was trained on; name some with --symbols"
    )

  private val chosen: Column = symbols match {
    case Some(list) => col("symbol").isin(list: _*)
    case None       => col("series").isin(trainedOn: _*)
  }

  private val derived = new Derived(
    lake,
    Layout.goldPredictions,
    Seq(Layout.silverDaily),
    s"trend:$name",
    s"$version ${model.digest} ${symbols.fold("trained on")(_.sorted.mkString(","))}",
    // A series begins with its symbol, and no symbol has a slash.
    series => symbols.fold(trainedOn.contains(series))(_.contains(series.takeWhile(_ != '/')))
  )

  /** Takes in what has changed in Silver, in at most one commit. */
  def refresh(): Outcome = derived.refresh {
    case (bars, ChangedSince(first)) =>
      import lake.spark.implicits._
      val changed = col("series").isin(first.keys.toSeq: _*)
      val rows = scored(bars.where(chosen && changed), first).persist(StorageLevel.MEMORY_AND_DISK)
      val kept = derived.table.rows
        .where(col("model") === name && changed)
        .join(broadcast(first.toSeq.toDF("series", "__first")), "series")
        .where(col("ts") < col("__first"))
        .drop("__first")
        .join(rows.select("series", "ts"), Seq("series", "ts"), "left_anti")
      Rows(
        ordered(kept.unionByName(rows)),
        Some(s"model = '$name' AND ${Gold.condition(first.keys.toSeq)}"),
        first.size.toLong,
        () => { rows.unpersist(); () }
      )
    case (bars, _) => Rows(ordered(scored(bars.where(chosen), Map.empty)), Some(s"model = '$name'"))
  }

  /** The bars of the series that are scored. */
  def bars: DataFrame = lake.table(Layout.silverDaily).rows.where(chosen)

  private def ordered(rows: DataFrame): DataFrame = {
    val layout = Layout.goldPredictions
    rows
      .select(layout.schema.names.toSeq.map(col): _*)
      .sortWithinPartitions(layout.order.map(col): _*)
  }

  /** The model's results for bars, in each series from the first one on whose result may have changed. */
  private def scored(bars: DataFrame, first: Map[String, Timestamp]): DataFrame = {
    val sql = TrendFeatures.sql(model.card.path("features"))
    val names = sql.indices.map(i => s"f$i")
    val values =
      sql.zip(names).map { case (feature, name) => expr(feature).cast("double").as(name) }
    val rows = bars
      .select(Seq("series", "ts", "seq", "close").map(col) ++ values: _*)
      .repartition(col("series"))
      .sortWithinPartitions("series", "ts", "seq")
    val schema = rows.schema.add("label", IntegerType).add("__new", BooleanType)
    val cut = new Predictions.Cut(model.card.path("labels").toString, model.window, first)
    rows
      .mapPartitions(rows => BySeries.flatMap(rows)(cut.apply))(Encoders.row(schema))
      .withColumn("t", expr(TrendFeatures.scoreColumns(model.label, names)))
      .where(col("__new") && col("t").isNotNull && col("t.prediction").isNotNull)
      .select(col("series"), col("ts"), col("t.*"), col("label"))
      .withColumn("model", lit(name))
      .withColumn("model_version", lit(version))
      .withColumn("scored_at", current_timestamp())
  }
}

object Predictions {
  private val Close = 3
  private val Features = 4

  /** The rows of a series that are to be scored, with their labels, and before them those that the first window needs. */
  final private class Cut(labels: String, window: Int, first: Map[String, Timestamp])
      extends Serializable {

    def apply(rows: Seq[Row]): Iterator[Row] = {
      val close = rows.map(row => if (row.isNullAt(Close)) Double.NaN else row.getDouble(Close))
      val classes = NativeTrainer.labels(labels, close.toArray)
      val fresh = first.get(rows.head.getString(0)).fold(0)(changed(rows, close, _))
      val from = back(fresh, window - 1)(row => usable(rows(row)))
      rows.iterator.zipWithIndex.drop(from).map { case (row, index) =>
        val label = if (classes(index) < 0) null else classes(index)
        Row.fromSeq(row.toSeq ++ Seq(label, index >= fresh))
      }
    }

    /** The first row whose result or label may be another one than before. */
    private def changed(rows: Seq[Row], close: Seq[Double], since: Timestamp): Int = {
      val at = rows.indexWhere(row => !row.getTimestamp(1).before(since))
      val horizon = new com.fasterxml.jackson.databind.ObjectMapper()
        .readTree(labels)
        .path("horizon")
        .asInt
      back(if (at < 0) rows.size else at, horizon)(row => close(row) > 0 && close(row).isFinite)
    }

    /** The row before which there are so many less of the rows that count. */
    private def back(from: Int, count: Int)(counts: Int => Boolean): Int = {
      var (row, left) = (from, count)
      while (row > 0 && left > 0) {
        row -= 1
        if (counts(row)) left -= 1
      }
      row
    }

    private def usable(row: Row): Boolean =
      (Features until row.size).forall(i => !row.isNullAt(i) && row.getDouble(i).isFinite)
  }
}
