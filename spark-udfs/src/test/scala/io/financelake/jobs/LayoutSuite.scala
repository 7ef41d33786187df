package io.financelake.jobs

import java.nio.file.Path

import io.delta.tables.DeltaTable
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types.StructType
import org.scalatest.BeforeAndAfterAll

/** What other systems rely on: columns, partitions, properties, places. Written out here a second time on
  * purpose: a change of the layout must not go unnoticed.
  */
class LayoutSuite extends LakeSuite with BeforeAndAfterAll {
  private var folder: Path = _
  private lazy val lake = folder.resolve("lake")

  override def beforeAll(): Unit = {
    folder = java.nio.file.Files.createTempDirectory("financelake-layout-")
    val source = java.nio.file.Files.createDirectory(folder.resolve("source"))
    marketFolder(source, "us_equity_1m_aapl.csv.gz", "crypto_daily_btc.csv.gz")
    importing(source, lake)
  }

  override def afterAll(): Unit = org.apache.commons.io.FileUtils.deleteDirectory(folder.toFile)

  private val silver =
    """series STRING, symbol STRING, freq STRING, source STRING, adjustment STRING, seq BIGINT,
      |ts TIMESTAMP, date DATE, year INT, region STRING, asset_class STRING, currency STRING,
      |open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE, closes_only BOOLEAN,
      |revision BIGINT, event_id STRING, known_at TIMESTAMP, topic STRING, partition INT,
      |offset BIGINT, rule_version INT, ref_version BIGINT, extra MAP<STRING, STRING>""".stripMargin

  private val bronze =
    """value BINARY, key BINARY, headers ARRAY<STRUCT<key: STRING, value: BINARY>>, topic STRING,
      |partition INT, offset BIGINT, timestamp TIMESTAMP, timestamp_type INT, ingested_at TIMESTAMP,
      |date DATE, region STRING, series STRING, symbol STRING, freq STRING, source STRING,
      |adjustment STRING, seq BIGINT, ts TIMESTAMP, event_date DATE, year INT, asset_class STRING,
      |currency STRING, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE,
      |closes_only BOOLEAN, revision BIGINT, event_id STRING, extra STRING, reason STRING,
      |detail STRING, rule_version INT, ref_version BIGINT""".stripMargin

  private val schemas = Map(
    "bronze/stock_data" -> bronze,
    "bronze/bond_data" -> bronze,
    "silver/stock_data" -> silver,
    "silver/stock_daily" -> silver,
    "silver/bond_data" -> silver,
    "gold/daily_summary" ->
      """series STRING, region STRING, asset_class STRING, date DATE, open DOUBLE, high DOUBLE,
        |low DOUBLE, close DOUBLE, volume DOUBLE, vwap DOUBLE, record_count BIGINT,
        |prev_close DOUBLE, return DOUBLE""".stripMargin,
    "gold/technical_indicators" ->
      """series STRING, ts TIMESTAMP, date DATE, close DOUBLE, sma_20 DOUBLE, ema_20 DOUBLE,
        |rsi_14 DOUBLE, macd STRUCT<macd: DOUBLE, signal: DOUBLE, hist: DOUBLE>,
        |bbands STRUCT<upper: DOUBLE, middle: DOUBLE, lower: DOUBLE>, atr_14 DOUBLE,
        |stoch STRUCT<slow_k: DOUBLE, slow_d: DOUBLE>, obv DOUBLE, vwap DOUBLE,
        |cdlengulfing INT""".stripMargin,
    "gold/market_windows" ->
      """series STRING, window_start TIMESTAMP, window_end TIMESTAMP, open DOUBLE, close DOUBLE,
        |avg_price DOUBLE, min_price DOUBLE, max_price DOUBLE, total_volume DOUBLE,
        |record_count BIGINT, vwap DOUBLE, price_volatility DOUBLE, price_momentum DOUBLE,
        |bb_position DOUBLE, final BOOLEAN""".stripMargin
  )

  private val partitions = Map(
    "bronze/stock_data" -> Seq("date", "region"),
    "bronze/bond_data" -> Seq("date", "region"),
    "silver/stock_data" -> Seq("date", "region"),
    "silver/stock_daily" -> Seq("year", "region"),
    "silver/bond_data" -> Seq("year", "region"),
    "gold/daily_summary" -> Seq("region"),
    "gold/technical_indicators" -> Seq(),
    "gold/market_windows" -> Seq()
  )

  for (name <- tables) test(s"$name is as the contract says") {
    assert(table(lake, name).schema == StructType.fromDDL(schemas(name)))
    val detail = DeltaTable.forPath(spark, lake.resolve(name).toString).detail().head()
    assert(detail.getSeq[String](detail.fieldIndex("partitionColumns")) == partitions(name))
    val changes =
      Map("delta.enableChangeDataFeed" -> "true", "delta.enableDeletionVectors" -> "true")
    val wanted = Map(
      "financelake.layoutVersion" -> "1",
      "delta.logRetentionDuration" -> "interval 30 days",
      "delta.deletedFileRetentionDuration" -> "interval 14 days"
    ) ++ (if (name.startsWith("silver/")) changes else Map.empty)
    assert(detail.getAs[Map[String, String]]("properties") == wanted)
    val features = detail.getSeq[String](detail.fieldIndex("tableFeatures"))
    assert(!features.contains("columnMapping") && !features.contains("generatedColumns"))
    assert(versions(lake)(name) == 0, "one commit makes the table")
  }

  test("a partition is one file, ordered by (series, ts)") {
    for ((name, order) <- Seq("silver/stock_data" -> "seq", "silver/stock_daily" -> "seq")) {
      val files = table(lake, name).select(input_file_name().as("file"), col("*"))
      val folders = files.select(partitions(name).map(col): _*).distinct().count()
      assert(files.select("file").distinct().count() == folders)
      files.select("file").distinct().collect().map(_.getString(0)).foreach { file =>
        val keys = rows(spark.read.parquet(file).select("series", "ts", order))
          .map(row => (row.getString(0), row.getTimestamp(1).getTime, row.getLong(2)))
        assert(keys == keys.sorted, file)
      }
    }
    val indicators = rows(table(lake, "gold/technical_indicators").select("series", "ts"))
      .map(row => (row.getString(0), row.getTimestamp(1).getTime))
    assert(indicators.size == 2382 + 662)
  }
}
