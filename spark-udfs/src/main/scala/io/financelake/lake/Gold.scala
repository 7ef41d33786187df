package io.financelake.lake

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.expressions.Window
import org.apache.spark.sql.functions._

/** The third layer: what is computed from Silver. A series with news is computed whole, because an
  * indicator depends on all earlier rows; so a table always equals its recomputation.
  */
final class Gold(lake: Lake) {
  import Gold._

  /** Recomputes the series that changed in Silver, in at most one commit. */
  def refresh(layout: Layout): Outcome = {
    val table = lake.table(layout)
    val sources = Layout.silverTables.map(lake.table).filter(_.exists)
    val progress = Progress.of(sources)
    lazy val changed = if (table.exists) changedSeries(table, sources) else None
    if (sources.isEmpty || table.contains(progress) || changed.exists(_.isEmpty))
      Outcome.unchanged(table)
    else {
      val silver = sources.map(_.rows).reduce(_ unionByName _)
      val wanted = changed.fold(silver)(names => silver.where(col("series").isin(names: _*)))
      val computed = definition(layout)(wanted.repartition(col("series")))
      val rows = computed
        .select(layout.schema.names.toSeq.map(name => col(s"`$name`")): _*)
        .sortWithinPartitions((layout.partitions ++ layout.order).map(col): _*)
      table.replace(rows, changed.map(condition), progress.marker)
      Outcome.committed(table, changed.fold(-1L)(_.size.toLong))
    }
  }

  /** The series with changes since the table's last commit, or nothing to compute all of them. */
  private def changedSeries(table: LakeTable, sources: Seq[LakeTable]): Option[Seq[String]] =
    for {
      done <- table.progress
      changes <- sources.foldLeft(Option(Seq.empty[DataFrame])) { (found, source) =>
        for {
          frames <- found
          version <- done.versions.get(source.id)
          changes <-
            if (version == source.version) Some(Seq.empty)
            else source.changesSince(version).map(Seq(_))
        } yield frames ++ changes
      }
      names = changes
        .map(_.select("series"))
        .reduceOption(_ union _)
        .fold(Seq.empty[String])(
          _.distinct().limit(MostSeries + 1).collect().map(_.getString(0)).toSeq
        )
      if names.size <= MostSeries
    } yield names
}

object Gold {

  /** With more changed series than this, a table is computed whole. */
  private[lake] val MostSeries = 1000

  private def definition(layout: Layout): DataFrame => DataFrame = layout match {
    case Layout.goldDaily   => dailySummary
    case Layout.goldWindows => MarketWindows.of
    case _                  => technicalIndicators
  }

  private[lake] def condition(series: Seq[String]): String = {
    def literal(name: String) = "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
    series.map(literal).mkString("series IN (", ", ", ")")
  }

  /** One row per row of Silver. */
  private def technicalIndicators(silver: DataFrame): DataFrame =
    silver.selectExpr(
      Seq("series", "ts", "seq", "date", "close") ++ Indicator.configured.map(_.sql): _*
    )

  /** One row per series and UTC day. The volume-weighted price takes (high + low + close) / 3 of each
    * row, as the indicator does; it and the return are NULL where they have no meaning.
    */
  private def dailySummary(silver: DataFrame): DataFrame = {
    val time = struct("ts", "seq")
    val typical = (col("high") + col("low") + col("close")) / 3
    val volume = sum("volume")
    val days = Window.partitionBy("series").orderBy("date")
    silver
      .groupBy("series", "date")
      .agg(
        max_by(col("region"), time).as("region"),
        max_by(col("asset_class"), time).as("asset_class"),
        min_by(col("open"), time).as("open"),
        max("high").as("high"),
        min("low").as("low"),
        max_by(col("close"), time).as("close"),
        volume.as("volume"),
        when(volume > 0, sum(typical * col("volume")) / volume).as("vwap"),
        count(lit(1)).as("record_count")
      )
      .withColumn("prev_close", lag("close", 1).over(days))
      .withColumn(
        "return",
        when(col("prev_close") > 0, col("close") / col("prev_close") - 1)
      )
  }
}
