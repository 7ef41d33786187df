package io.financelake.lake

import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.functions._
import org.apache.spark.storage.StorageLevel

/** The second layer: accepted records, each key once. */
final class Silver(lake: Lake) {
  import Silver._

  /** Takes the accepted rows of Bronze that are new into a table, in at most one commit. */
  def refresh(layout: Layout): Outcome = {
    val table = lake.table(layout)
    val sources = Layout.bronzeTables.map(lake.table).filter(_.exists)
    val progress = Progress.of(sources)
    lazy val versions = table.progress.fold(Map.empty[String, Long])(_.versions)
    lazy val news = sources.flatMap(source => source.rowsAddedSince(versions.get(source.id)))
    if (sources.isEmpty || table.contains(progress) || news.isEmpty) Outcome.unchanged(table)
    else {
      val accepted = news.reduce(_ unionByName _).where(col("reason").isNull && belongs(layout))
      val taken = accepted.count()
      val standing =
        Arrivals.standing(accepted.select(fromBronze(layout): _*), layout.partitions.head)
      if (table.exists) add(table, standing, progress)
      else table.append(ordered(layout, standing), progress.marker)
      Outcome.committed(table, taken)
    }
  }

  /** Where no row of the table is corrected, rows are appended, which keeps them in order. */
  private def add(table: LakeTable, standing: DataFrame, progress: Progress): Unit = {
    val layout = table.layout
    val rows = standing.persist(StorageLevel.MEMORY_AND_DISK)
    try {
      val near = Bounds.of(rows, Seq("year", "date", "ts"))
      val known = table.rows.where(near.on("")).select(key :+ col("revision").as("known"): _*)
      val news = rows
        .join(known, Arrivals.key, "left")
        .where(col("known").isNull || col("revision") > col("known"))
      val corrects = !news.where(col("known").isNotNull).isEmpty
      val additions =
        news
          .select(layout.schema.names.toSeq.map(col): _*)
          .repartition(col(layout.partitions.head))
      if (corrects) {
        val sameKey = Arrivals.key.map(name => col(s"t.$name") === col(s"s.$name")).reduce(_ && _)
        val isNewer = col("s.revision") > col("t.revision")
        table.merge(additions, sameKey && near.on("t."), isNewer, progress.marker)
      } else table.append(ordered(layout, additions), progress.marker)
    } finally rows.unpersist()
  }

  private def ordered(layout: Layout, rows: DataFrame): DataFrame =
    rows.sortWithinPartitions((layout.partitions ++ layout.order).map(col): _*)
}

object Silver {
  private val key = Arrivals.key.map(col)

  /** Which rows of Bronze a table takes. */
  private def belongs(layout: Layout): Column = {
    val bond = col("asset_class") === "bond_yield"
    val daily = col("freq") === "1d"
    layout match {
      case Layout.silverBond  => bond
      case Layout.silverDaily => !bond && daily
      case _                  => !bond && !daily
    }
  }

  private def fromBronze(layout: Layout): Seq[Column] = {
    val own = Map(
      "date" -> col("event_date"),
      "known_at" -> col("ingested_at"),
      "extra" -> from_json(col("extra"), layout.schema("extra").dataType)
    )
    layout.schema.names.toSeq.map(name => own.getOrElse(name, col(name)).as(name))
  }
}
