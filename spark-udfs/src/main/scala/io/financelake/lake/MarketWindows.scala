package io.financelake.lake

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.expressions.Window
import org.apache.spark.sql.functions._

/** `gold/market_windows`: what happened in each stretch of a few minutes, for series below one day.
  *
  * Windows of a length begin at whole multiples of it since 1970-01-01T00:00Z. A window without rows is
  * not there.
  */
private[lake] object MarketWindows {

  /** How long windows are, and of which rows: none that cover more time than the window. */
  private val lengths: Seq[(String, Seq[String])] = Seq(
    "5 minutes" -> Seq("tick", "1m", "5m"),
    "1 hour" -> Seq("tick", "1m", "5m", "15m", "30m", "1h")
  )

  /** A window is final when its series has a row this much after its end. Later rows change it all
    * the same.
    */
  private val FinalAfter = "INTERVAL 10 MINUTES"

  def of(silver: DataFrame): DataFrame = {
    val intraday = silver.where(col("freq") =!= "1d")
    val latest = intraday.groupBy("series").agg(max("ts").as("__latest"))
    lengths
      .map { case (length, freqs) => windows(intraday.where(col("freq").isin(freqs: _*)), length) }
      .reduce(_ unionByName _)
      .join(latest, "series")
      .withColumn("final", expr(s"window_end + $FinalAfter <= __latest"))
  }

  private def windows(silver: DataFrame, length: String): DataFrame = {
    val time = struct("ts", "seq")
    val typical = (col("high") + col("low") + col("close")) / 3
    val volume = sum("volume")
    val earlier = Window.partitionBy("series").orderBy("window_start")
    silver
      .groupBy(col("series"), window(col("ts"), length).as("__window"))
      .agg(
        min_by(col("open"), time).as("open"),
        max_by(col("close"), time).as("close"),
        avg("close").as("avg_price"),
        min("low").as("min_price"),
        max("high").as("max_price"),
        volume.as("total_volume"),
        count(lit(1)).as("record_count"),
        when(volume > 0, sum(typical * col("volume")) / volume).as("vwap"),
        when(count(lit(1)) > 1, stddev_samp("close")).as("price_volatility")
      )
      .withColumn("window_start", col("__window.start"))
      .withColumn("window_end", col("__window.end"))
      .withColumn("price_momentum", col("avg_price") - lag("avg_price", 1).over(earlier))
      .withColumn(
        "__bands",
        expr("ta_bbands(avg_price, 20, 2, 2) OVER (PARTITION BY series ORDER BY window_start)")
      )
      .withColumn(
        "bb_position",
        when(
          col("__bands.upper") > col("__bands.lower"),
          (col("avg_price") - col("__bands.lower")) / (col("__bands.upper") - col("__bands.lower"))
        )
      )
  }
}
