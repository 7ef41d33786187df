package io.financelake.lake

import io.financelake.market.RecordColumns
import org.apache.spark.sql.types._

/** A table of the lake as everybody relies on it.
  *
  * @param name
  *   its folder below the lake, and its name in SQL with a dot in place of the slash
  * @param schema
  *   its columns; new ones go last
  * @param partitions
  *   the columns that its folders are named by
  * @param order
  *   how rows are ordered within a file, for skipping and compression
  * @param features
  *   Delta's properties beyond those of every table
  */
final case class Layout(
    name: String,
    schema: StructType,
    partitions: Seq[String],
    order: Seq[String],
    features: Map[String, String] = Map.empty
) {

  /** All properties of the table. */
  val properties: Map[String, String] = Layout.common ++ features

  /** Its name in spark_catalog. */
  val sqlName: String = name.replace('/', '.')
}

object Layout {

  /** How long the log and deleted files are kept, and which layout this is. A change that is more
    * than a new last column is a new version, with a migration.
    */
  private val common = Map(
    "financelake.layoutVersion" -> "1",
    "delta.logRetentionDuration" -> "interval 30 days",
    "delta.deletedFileRetentionDuration" -> "interval 14 days"
  )

  private val silverFeatures =
    Map("delta.enableChangeDataFeed" -> "true", "delta.enableDeletionVectors" -> "true")

  /** In place of a region, for records that were refused or are blank. */
  val Invalid = "__invalid"

  private def columns(ddl: String): StructType = StructType.fromDDL(ddl)

  /** The columns of a received record before it is decoded. */
  private[lake] val received = columns(
    """value BINARY, key BINARY, headers ARRAY<STRUCT<key: STRING, value: BINARY>>, topic STRING,
      |partition INT, offset BIGINT, timestamp TIMESTAMP, timestamp_type INT, ingested_at TIMESTAMP,
      |date DATE, region STRING""".stripMargin
  )

  /** Decoded columns of Bronze: all that the rules give. Those named as columns of `received` give way:
    * the day of the event is `event_date`, as `date` is that of receipt.
    */
  private[lake] val decoded: StructType = StructType(
    RecordColumns.schema
      .filterNot(field => Seq("region", "received_date").contains(field.name))
      .map(field => if (field.name == "date") field.copy(name = "event_date") else field)
  )

  private[lake] val versions = columns("rule_version INT, ref_version BIGINT")

  private def bronze(table: String) = Layout(
    s"bronze/$table",
    StructType(received ++ decoded ++ versions),
    Seq("date", "region"),
    Seq("topic", "partition", "offset")
  )

  val bronzeStock: Layout = bronze("stock_data")
  val bronzeBond: Layout = bronze("bond_data")

  private val silverColumns = StructType(
    RecordColumns.schema.takeWhile(_.name != "extra") ++ columns(
      """known_at TIMESTAMP, topic STRING, partition INT, offset BIGINT, rule_version INT,
        |ref_version BIGINT, extra MAP<STRING, STRING>""".stripMargin
    )
  )

  private def silver(table: String, period: String) =
    Layout(
      s"silver/$table",
      silverColumns,
      Seq(period, "region"),
      Seq("series", "ts", "seq"),
      silverFeatures
    )

  /** Bars below one day, and ticks. */
  val silverStock: Layout = silver("stock_data", "date")

  /** Bars of one day. */
  val silverDaily: Layout = silver("stock_daily", "year")

  /** Bond yields. */
  val silverBond: Layout = silver("bond_data", "year")

  val goldDaily: Layout = Layout(
    "gold/daily_summary",
    columns(
      """series STRING, region STRING, asset_class STRING, date DATE, open DOUBLE, high DOUBLE,
        |low DOUBLE, close DOUBLE, volume DOUBLE, vwap DOUBLE, record_count BIGINT,
        |prev_close DOUBLE, return DOUBLE""".stripMargin
    ),
    Seq("region"),
    Seq("series", "date")
  )

  val goldIndicators: Layout = Layout(
    "gold/technical_indicators",
    StructType(
      columns("series STRING, ts TIMESTAMP, date DATE, close DOUBLE") ++
        columns(Indicator.configured.map(i => s"${i.column} ${i.dataType}").mkString(", "))
    ),
    Seq.empty,
    Seq("series", "ts")
  )

  val bronzeTables: Seq[Layout] = Seq(bronzeStock, bronzeBond)
  val silverTables: Seq[Layout] = Seq(silverStock, silverDaily, silverBond)
  val goldTables: Seq[Layout] = Seq(goldDaily, goldIndicators)
}
