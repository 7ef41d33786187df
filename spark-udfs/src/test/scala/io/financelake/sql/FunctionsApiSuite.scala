package io.financelake.sql

import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.expressions.Window
import org.apache.spark.sql.functions.{avg, call_function, col, expr, lit}

import io.financelake.{functions, SparkSuite}

/** The functions from Scala: the generated object, by name and as text. */
class FunctionsApiSuite extends SparkSuite {

  private val window = Window.partitionBy("symbol").orderBy("ts")
  private val over = "OVER (PARTITION BY symbol ORDER BY ts)"
  private val (open, high, low, close, volume) =
    (col("open"), col("high"), col("low"), col("close"), col("volume"))

  private lazy val bars: DataFrame = spark
    .range(300)
    .selectExpr(
      "id % 3 AS symbol",
      "id AS ts",
      "100 + 10 * sin(id) AS close",
      "100 + 10 * sin(id - 2) AS open",
      "115 + cos(id) AS high",
      "85 - cos(id) AS low",
      "CAST(id % 17 * 100 AS DOUBLE) AS volume"
    )

  private def same(column: Column, sql: String, around: String => String = identity): Unit = {
    def rows(result: Column) =
      bars.select(col("ts"), result.as("value")).orderBy("ts").collect().toSeq
    val values = rows(column)
    assert(values.count(!_.isNullAt(1)) > 100)
    assert(values == rows(expr(around(s"($sql $over)"))))
  }

  test("every function of the registry is a method") {
    val methods =
      functions.getClass.getDeclaredMethods.map(_.getName).filterNot(_.contains("$")).toSet
    assert(methods == IndicatorDefinition.all.map(_.name).toSet)
  }

  test("each gives what SQL gives, with defaults and without") {
    same(functions.sma(close).over(window), "ta_sma(close)")
    same(functions.sma(close, 5).over(window), "ta_sma(close, 5)")
    same(functions.ema(close, timeperiod = 7).over(window), "ta_ema(close, 7)")
    same(functions.rsi(close, 14).over(window), "ta_rsi(close)")
    same(functions.macd(close, 5, 10, 3).over(window), "ta_macd(close, 5, 10, 3)")
    same(functions.macd(close, signalperiod = 5).over(window), "ta_macd(close, 12, 26, 5)")
    same(functions.bbands(close, 5, nbdevdn = 1.5).over(window), "ta_bbands(close, 5, 2, 1.5)")
    same(functions.atr(high, low, close).over(window), "ta_atr(high, low, close, 14)")
    same(
      functions.stoch(high, low, close, 5, 3, 1).over(window),
      "ta_stoch(high, low, close, 5, 3, 1)"
    )
    same(functions.obv(close, volume).over(window), "ta_obv(close, volume)")
    same(functions.vwap(high, low, close, volume).over(window), "ta_vwap(high, low, close, volume)")
    same(
      functions.cdlengulfing(open, high, low, close).over(window),
      "ta_cdlengulfing(open, high, low, close)"
    )
  }

  test("fields, arithmetic, nesting and Spark's own functions go with them") {
    same(
      functions.macd(close, 3, 6, 2).over(window)("hist"),
      "ta_macd(close, 3, 6, 2)",
      _ + ".hist"
    )
    same(functions.sma(close * 2 + 1, 3).over(window), "ta_sma(2 * close + 1, 3)")
    same(
      functions.sma(functions.rsi(close, 3).over(window), 5).over(window),
      s"ta_sma(ta_rsi(close, 3) $over, 5)"
    )
    same(functions.ema(avg(close).over(window), 3).over(window), s"ta_ema(avg(close) $over, 3)")
  }

  test("by name, as Spark Connect's clients call it") {
    same(call_function("ta_rsi", close, lit(5)).over(window), "ta_rsi(close, 5)")
    same(call_function("TA_SMA", close).over(window), "ta_sma(close)")
  }

  test("functions that a user registers under the short names are the user's") {
    spark.udf.register("rsi", (x: Double) => x + 2)
    try {
      assert(spark.sql("SELECT rsi(1.0D)").head().getDouble(0) == 3.0)
      same(functions.rsi(close, 3).over(window), "ta_rsi(close, 3)")
    } finally spark.sql("DROP TEMPORARY FUNCTION rsi")
  }

  test("misuse fails in the words of SQL") {
    val without = intercept[Exception](bars.select(functions.rsi(close)).collect())
    assert(without.getMessage.contains("requires an OVER clause"))
    val period = intercept[Exception](bars.select(functions.rsi(close, 1).over(window)))
    assert(period.getMessage.contains("ta_rsi: timeperiod = 1 is out of range; write 2 to 100000"))
  }
}
