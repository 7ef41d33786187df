package io.financelake.lake

/** An indicator of `gold/technical_indicators`.
  *
  * @param column
  *   its column
  * @param dataType
  *   the column's SQL type
  * @param call
  *   the SQL function with its arguments; it runs over the rows of a series in their order
  */
final case class Indicator(column: String, dataType: String, call: String) {

  /** The whole SQL expression. */
  def sql: String = s"$call OVER (PARTITION BY series ORDER BY ts, seq) AS $column"
}

object Indicator {

  /** The indicators that the table has. New ones go last. */
  val configured: Seq[Indicator] = Seq(
    Indicator("sma_20", "DOUBLE", "ta_sma(close, 20)"),
    Indicator("ema_20", "DOUBLE", "ta_ema(close, 20)"),
    Indicator("rsi_14", "DOUBLE", "ta_rsi(close, 14)"),
    Indicator(
      "macd",
      "STRUCT<macd: DOUBLE, signal: DOUBLE, hist: DOUBLE>",
      "ta_macd(close, 12, 26, 9)"
    ),
    Indicator(
      "bbands",
      "STRUCT<upper: DOUBLE, middle: DOUBLE, lower: DOUBLE>",
      "ta_bbands(close, 20, 2, 2)"
    ),
    Indicator("atr_14", "DOUBLE", "ta_atr(high, low, close, 14)"),
    Indicator(
      "stoch",
      "STRUCT<slow_k: DOUBLE, slow_d: DOUBLE>",
      "ta_stoch(high, low, close, 5, 3, 0, 3, 0)"
    ),
    Indicator("obv", "DOUBLE", "ta_obv(close, volume)"),
    Indicator("vwap", "DOUBLE", "ta_vwap(high, low, close, volume)"),
    Indicator("cdlengulfing", "INT", "ta_cdlengulfing(open, high, low, close)")
  )
}
