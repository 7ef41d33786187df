package io.financelake.streaming

import java.nio.file.{Files, Path}

import scala.collection.mutable

import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.streaming.{StreamingQuery, StreamingQueryProgress, Trigger}

import io.financelake.SparkSuite

/** Streams over files: a file is a batch. */
trait StreamRuns extends SparkSuite {

  /** Runs with the state store that `transformWithState` needs. */
  def withStream(body: Path => Unit): Unit =
    withSettings(
      "spark.sql.streaming.stateStore.providerClass" ->
        "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider",
      "spark.sql.shuffle.partitions" -> "2"
    )(withFolder(body))

  /** Adds a batch to those that a stream over the folder reads. */
  def addBatch(folder: Path, rows: DataFrame): Unit = {
    val index = if (Files.exists(folder)) folder.toFile.list.length else 0
    rows.coalesce(1).write.parquet(folder.resolve(s"batch-$index").toString)
  }

  /** Adds the rows as so many batches, ordered by the expression. */
  def addBatches(folder: Path, rows: DataFrame, count: Int, by: String): Unit = {
    val numbered = rows.selectExpr("*", s"ntile($count) OVER (ORDER BY $by) AS batch").cache()
    (1 to count).foreach { batch =>
      addBatch(folder, numbered.where(s"batch = $batch").drop("batch"))
    }
    numbered.unpersist()
    ()
  }

  def stream(folder: Path): DataFrame =
    spark.readStream
      .schema(spark.read.parquet(s"$folder/batch-0").schema)
      .option("maxFilesPerTrigger", "1")
      .parquet(s"$folder/batch-*")

  /** Runs until all batches are read and returns the rows that came out. */
  def run(result: DataFrame, checkpoint: Path, outputMode: String = "append"): Seq[Row] =
    runWithProgress(result, checkpoint, outputMode)._1

  def runWithProgress(
      result: DataFrame,
      checkpoint: Path,
      outputMode: String = "append"
  ): (Seq[Row], Seq[StreamingQueryProgress]) = {
    val rows = mutable.Buffer.empty[Row]
    val query = start(result, checkpoint, outputMode, Trigger.AvailableNow())(rows ++= _)
    try query.awaitTermination()
    finally query.stop()
    (rows.toSeq, query.recentProgress.toSeq)
  }

  def start(result: DataFrame, checkpoint: Path, outputMode: String, trigger: Trigger)(
      collect: Seq[Row] => Unit
  ): StreamingQuery = {
    val each = (batch: DataFrame, _: Long) => collect(batch.collect().toSeq)
    result.writeStream
      .outputMode(outputMode)
      .trigger(trigger)
      .option("checkpointLocation", checkpoint.toString)
      .foreachBatch(each)
      .start()
  }

  /** The rows, with the bits of their numbers, in an order of their own. */
  def bits(rows: Seq[Row]): Seq[String] = {
    def text(value: Any): String = value match {
      case number: Double => java.lang.Double.doubleToRawLongBits(number).toHexString
      case row: Row       => row.toSeq.map(text).mkString("{", ", ", "}")
      case other          => String.valueOf(other)
    }
    rows.map(text).sorted
  }

  /** Real bars by the minute, the quarter of an hour, the hour and the day, some with NULL. */
  lazy val market: DataFrame = {
    val files =
      Seq("us_equity_1m_aapl", "crypto_15m_btc", "us_equity_1h_aapl", "etf_close_daily")
    files
      .map { file =>
        spark.read
          .option("header", "true")
          .schema(
            "symbol STRING, region STRING, asset_class STRING, ts TIMESTAMP, open DOUBLE, high DOUBLE, " +
              "low DOUBLE, close DOUBLE, volume DOUBLE, source STRING"
          )
          .csv(s"data/market/$file.csv.gz")
          .where("symbol IN ('AAPL', 'BTC-USD', 'BND', 'EWJ')")
          .selectExpr(
            s"concat(symbol, '/$file') AS series",
            "ts",
            "0 AS seq",
            "open",
            "high",
            "low",
            "close",
            "volume"
          )
      }
      .reduce(_ union _)
      .dropDuplicates("series", "ts")
      .repartition(1)
      .cache()
  }

  /** Calls of each kind: one output, several, whole numbers, several inputs, inputs that are computed. */
  val calls: Seq[(String, String)] = Seq(
    "sma_20" -> "ta_sma(close, 20)",
    "ema_20" -> "ta_ema(close, 20)",
    "rsi_14" -> "ta_rsi(close, 14)",
    "macd" -> "ta_macd(close)",
    "bands" -> "ta_bbands(close, 20)",
    "atr" -> "ta_atr(high, low, close, 14)",
    "engulfing" -> "ta_cdlengulfing(open, high, low, close)",
    "obv" -> "ta_obv(close, volume)",
    "mid" -> "ta_sma((high + low) / 2, 5)",
    "sar" -> "ta_sar(high, low)",
    "median" -> "ta_median(close, 9)"
  )

  def indicators(stream: DataFrame): Indicators =
    calls.foldLeft(Indicators.on(stream).keyedBy("series").orderedBy("ts", "seq")) {
      case (added, (column, call)) => added.add(column, call)
    }

  /** The calls over a table. */
  def inSql(rows: DataFrame): DataFrame = rows.selectExpr(
    "*" +: calls.map { case (column, call) =>
      s"$call OVER (PARTITION BY series ORDER BY ts, seq) AS $column"
    }: _*
  )
}
