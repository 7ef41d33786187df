package io.financelake.lake

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import io.financelake.jni.NativeSink
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

  /** Bronze is also written by the Kafka Connect sink, so its columns and properties are in one place, the
    * native library.
    */
  private val bronzeTable: JsonNode = new ObjectMapper().readTree(NativeSink.bronzeTable())

  private val bronzeSchema: StructType =
    DataType.fromJson(bronzeTable.path("schema").toString).asInstanceOf[StructType]

  private def texts(list: String): Seq[String] =
    bronzeTable.path(list).elements.asScala.map(_.asText).toSeq

  /** How long the log and deleted files are kept, and which layout this is. A change that is more
    * than a new last column is a new version, with a migration.
    */
  private val common: Map[String, String] =
    bronzeTable.path("properties").properties.asScala.map(e => e.getKey -> e.getValue.asText).toMap

  private val silverFeatures =
    Map("delta.enableChangeDataFeed" -> "true", "delta.enableDeletionVectors" -> "true")

  /** In place of a region, for records that were refused or are blank. */
  val Invalid: String = bronzeTable.path("invalid_region").asText

  private def columns(ddl: String): StructType = StructType.fromDDL(ddl)

  private[lake] val versions = StructType(
    Seq("rule_version", "ref_version").map(bronzeSchema(_))
  )

  private def bronze(table: String) =
    Layout(s"bronze/$table", bronzeSchema, texts("partitions"), texts("order"))

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

  val goldWindows: Layout = Layout(
    "gold/market_windows",
    columns(
      """series STRING, window_start TIMESTAMP, window_end TIMESTAMP, open DOUBLE, close DOUBLE,
        |avg_price DOUBLE, min_price DOUBLE, max_price DOUBLE, total_volume DOUBLE,
        |record_count BIGINT, vwap DOUBLE, price_volatility DOUBLE, price_momentum DOUBLE,
        |bb_position DOUBLE, final BOOLEAN""".stripMargin
    ),
    Seq.empty,
    Seq("series", "window_start")
  )

  /** What trend models predict, written by the job ScoreTrend. */
  val goldPredictions: Layout = Layout(
    "gold/trend_predictions",
    columns(
      """series STRING, ts TIMESTAMP, prediction INT, p_down FLOAT, p_up FLOAT, p_neutral FLOAT, label INT,
        |model STRING, model_version INT, scored_at TIMESTAMP""".stripMargin
    ),
    Seq.empty,
    Seq("series", "ts")
  )

  /** Bars that stand out, written by the job DetectAnomalies. */
  val goldAnomalies: Layout = Layout(
    "gold/anomalies",
    columns(
      """series STRING, ts TIMESTAMP, kind STRING, value DOUBLE, expected DOUBLE, score DOUBLE,
        |threshold DOUBLE, explanation STRING, detected_at TIMESTAMP""".stripMargin
    ),
    Seq.empty,
    Seq("series", "ts")
  )

  /** What the streaming job measures about itself, beside the layers. */
  val metrics: Layout = Layout(
    "_metrics",
    columns(
      """at TIMESTAMP, date DATE, run STRING, metric STRING, subject STRING, reason STRING,
        |value DOUBLE""".stripMargin
    ),
    Seq("date"),
    Seq("metric", "subject", "at")
  )

  /** How trend models do, per month, written by the job ScoreTrend. */
  val goldMonitoring: Layout = Layout(
    "gold/model_monitoring",
    columns(
      """model STRING, model_version INT, month DATE, rows BIGINT, share_down DOUBLE, share_up DOUBLE,
        |share_neutral DOUBLE, confidence DOUBLE, known BIGINT, accuracy DOUBLE, log_loss DOUBLE,
        |psi MAP<STRING, DOUBLE>, computed_at TIMESTAMP""".stripMargin
    ),
    Seq.empty,
    Seq("model", "month")
  )

  val bronzeTables: Seq[Layout] = Seq(bronzeStock, bronzeBond)
  val silverTables: Seq[Layout] = Seq(silverStock, silverDaily, silverBond)
  val goldTables: Seq[Layout] = Seq(goldDaily, goldIndicators, goldWindows)
}
