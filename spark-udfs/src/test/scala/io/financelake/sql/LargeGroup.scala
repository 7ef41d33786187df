package io.financelake.sql

import org.apache.spark.sql.SparkSession

import io.financelake.jni.NativeLibrary

/** One group of as many rows as the argument says, shuffled and sorted; prints what came out. */
object LargeGroup {

  def main(arguments: Array[String]): Unit = {
    val rows = arguments(0).toLong
    val spark = SparkSession
      .builder()
      .master("local[2]")
      .config("spark.local.dir", arguments(1))
      .getOrCreate()
    val start = System.nanoTime()
    val result = spark
      .range(0, rows, 1, 4)
      // Backwards, so that the sort has work to do.
      .selectExpr("id DIV 9999999999 AS symbol", s"$rows - id AS ts")
      .selectExpr(
        "ts",
        "ta_sma(ts, 20) OVER (PARTITION BY symbol ORDER BY ts) AS sma",
        "ta_obv(ts, 1) OVER (PARTITION BY symbol ORDER BY ts) AS obv"
      )
      .selectExpr(
        "count(*)",
        "count_if(sma = ts - 9.5)",
        "count_if(obv = ts)",
        "count_if(sma IS NULL)"
      )
      .head()
    println(s"RESULT ${result.mkString(" ")}")
    println(s"HANDLES ${NativeLibrary.liveHandles()}")
    println(s"SECONDS ${(System.nanoTime() - start) / 1000000000}")
    spark.stop()
  }
}
