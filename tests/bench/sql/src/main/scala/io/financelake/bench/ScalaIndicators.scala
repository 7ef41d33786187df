package io.financelake.bench

import org.apache.spark.sql.{DataFrame, Dataset}

/** The six indicators of the benchmark as a Scala programmer would write them: one object per series
  * with rolling sums and recurrences, run over partitions sorted by symbol and time.
  */
object ScalaIndicators {

  /** Adds the indicators to bars that have symbol, ts, high, low and close. */
  def add(bars: DataFrame): Dataset[Row] = {
    import bars.sparkSession.implicits._
    bars
      .select("symbol", "ts", "high", "low", "close")
      .repartition($"symbol")
      .sortWithinPartitions("symbol", "ts")
      .as[Bar]
      .mapPartitions { rows =>
        var symbol: String = null
        var series: Series = null
        rows.map { bar =>
          if (bar.symbol != symbol) {
            symbol = bar.symbol
            series = new Series
          }
          series.push(bar)
        }
      }
  }

  final case class Bar(symbol: String, ts: Long, high: Double, low: Double, close: Double)

  /** NaN stands for "not yet". */
  final case class Row(
      symbol: String,
      ts: Long,
      close: Double,
      sma: Double,
      ema: Double,
      rsi: Double,
      macd: Double,
      signal: Double,
      hist: Double,
      upper: Double,
      middle: Double,
      lower: Double,
      atr: Double
  )

  final private class Ema(period: Int, skip: Int = 0) {
    private val k = 2.0 / (period + 1)
    private var n = 0
    private var value = 0.0

    def push(x: Double): Double = {
      n += 1
      if (n <= skip) Double.NaN
      else if (n < skip + period) { value += x; Double.NaN }
      else {
        value = if (n == skip + period) (value + x) / period else value + k * (x - value)
        value
      }
    }
  }

  final private class Wilder(period: Int) {
    private var n = 0
    private var value = 0.0

    def push(x: Double): Double = {
      n += 1
      if (n < period) { value += x; Double.NaN }
      else {
        value = if (n == period) (value + x) / period else (value * (period - 1) + x) / period
        value
      }
    }
  }

  final private class Window(period: Int) {
    private val ring = new Array[Double](period)
    private var n = 0
    private var sum = 0.0
    private var squares = 0.0
    var mean: Double = Double.NaN
    var deviation: Double = Double.NaN

    def push(x: Double): Unit = {
      val slot = n % period
      val old = ring(slot)
      ring(slot) = x
      n += 1
      sum += x - old
      squares += x * x - old * old
      if (n >= period) {
        mean = sum / period
        deviation = math.sqrt(math.max(0, squares / period - mean * mean))
      }
    }
  }

  final private class Series {
    private val window = new Window(20)
    private val ema = new Ema(20)
    private val gain = new Wilder(14)
    private val loss = new Wilder(14)
    private val fast = new Ema(12, 14)
    private val slow = new Ema(26)
    private val signal = new Ema(9)
    private val range = new Wilder(14)
    private var before = Double.NaN

    def push(bar: Bar): Row = {
      window.push(bar.close)
      val (mean, deviation) = (window.mean, window.deviation)
      var rsi, atr = Double.NaN
      if (!before.isNaN) {
        val change = bar.close - before
        val up = gain.push(math.max(change, 0))
        val down = loss.push(math.max(-change, 0))
        rsi = if (up + down > 0) 100 * (up / (up + down)) else if (up.isNaN) up else 50
        val high = math.max(bar.high - bar.low, math.abs(bar.high - before))
        atr = range.push(math.max(high, math.abs(bar.low - before)))
      }
      before = bar.close
      val line = fast.push(bar.close) - slow.push(bar.close)
      val average = if (line.isNaN) line else signal.push(line)
      Row(
        bar.symbol,
        bar.ts,
        bar.close,
        mean,
        ema.push(bar.close),
        rsi,
        line,
        average,
        line - average,
        mean + 2 * deviation,
        mean,
        mean - 2 * deviation,
        atr
      )
    }
  }
}
