package io.financelake.sql

import java.lang.Double.doubleToRawLongBits

import scala.util.Random

import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanHelper
import org.apache.spark.sql.types.StructType

import io.financelake.SparkSuite
import io.financelake.jni.NativeLibrary

/** Results do not depend on where batches end, and are those of the library without Spark. */
class WindowBatchesSuite extends SparkSuite with AdaptiveSparkPlanHelper {
  import spark.implicits._

  private val allFunctions =
    """ta_sma(close, 5) OVER w, ta_ema(close, 7) OVER w, ta_rsi(close, 3) OVER w,
      |ta_macd(close, 3, 6, 4) OVER w, ta_bbands(close, 6, 2, 1.5) OVER w,
      |ta_atr(high, low, close, 4) OVER w, ta_stoch(high, low, close, 5, 3, 0, 2, 1) OVER w,
      |ta_obv(close, volume) OVER w, ta_vwap(high, low, close, volume) OVER w,
      |ta_cdlengulfing(open, high, low, close) OVER w""".stripMargin

  private val columns = Seq("open", "high", "low", "close", "volume")

  /** The same calls, as the native library takes them: columns by index. */
  private val request =
    """{"columns":5,"calls":[
      |{"function":"sma","inputs":[3],"params":[5]},
      |{"function":"ema","inputs":[3],"params":[7]},
      |{"function":"rsi","inputs":[3],"params":[3]},
      |{"function":"macd","inputs":[3],"params":[3,6,4]},
      |{"function":"bbands","inputs":[3],"params":[6,2,1.5]},
      |{"function":"atr","inputs":[1,2,3],"params":[4]},
      |{"function":"stoch","inputs":[1,2,3],"params":[5,3,0,2,1]},
      |{"function":"obv","inputs":[3,4]},
      |{"function":"vwap","inputs":[1,2,3,4]},
      |{"function":"cdlengulfing","inputs":[0,1,2,3]}]}""".stripMargin

  /** Bars of groups of these sizes, in random order, with some values missing or not finite. */
  private def bars(sizes: Seq[Int], seed: Long): DataFrame = {
    val random = new Random(seed)
    def damaged(value: Double): Option[Double] = random.nextInt(60) match {
      case 0 => None
      case 1 => Some(Double.NaN)
      case 2 => Some(Double.PositiveInfinity)
      case _ => Some(value)
    }
    val rows = sizes.zipWithIndex.flatMap { case (size, group) =>
      val closes = Seq.iterate(100.0, size)(_ * math.exp(random.nextGaussian() / 50))
      closes.zipWithIndex.map { case (close, ts) =>
        val open = close + random.nextGaussian()
        val (low, high) = (math.min(open, close) - random.nextDouble(), math.max(open, close) + 1)
        val volume = random.nextInt(1000).toDouble
        (
          f"s$group%03d",
          ts,
          damaged(open),
          damaged(high),
          damaged(low),
          damaged(close),
          damaged(volume)
        )
      }
    }
    random.shuffle(rows).toDF("symbol" +: "ts" +: columns: _*)
  }

  private def query(bars: DataFrame): DataFrame = {
    bars.createOrReplaceTempView("bars")
    spark.sql(
      s"SELECT symbol, ts, $allFunctions FROM bars WINDOW w AS (PARTITION BY symbol ORDER BY ts)"
    )
  }

  private def fromSpark(bars: DataFrame): Seq[(String, Seq[Any])] =
    query(bars)
      .collect()
      .sortBy(row => (row.getString(0), row.getInt(1)))
      .map(row => row.getString(0) -> row.toSeq.drop(2).flatMap(flat))
      .toSeq

  /** Values with the bits of DOUBLE in place of the number; a NULL struct as its NULL fields. */
  private def flat(value: Any): Seq[Any] = value match {
    case row: Row       => row.toSeq.flatMap(flat)
    case number: Double => Seq(doubleToRawLongBits(number))
    case number: Int    => Seq(number.toLong)
    case other          => Seq(other)
  }

  private def fromLibrary(bars: DataFrame): Seq[(String, Seq[Any])] = {
    val results = query(bars).schema.drop(2).map { field =>
      field.dataType match {
        case struct: StructType => struct.map(_.dataType)
        case single             => Seq(single)
      }
    }
    val groups = bars.collect().toSeq.groupBy(_.getString(0)).toSeq.sortBy(_._1)
    groups.flatMap { case (symbol, rows) =>
      val sorted = rows.sortBy(_.getInt(1))
      val inputs = columns.indices.map { i =>
        sorted.map(row => Option.when(!row.isNullAt(i + 2))(row.getDouble(i + 2)))
      }
      DirectIndicators
        .run(request, inputs, results.flatten)
        .map(row => symbol -> asResults(row, results.map(_.size)))
    }
  }

  /** The outputs of a row as `flat` shows the results: a struct without any value is one NULL. */
  private def asResults(outputs: Seq[Option[Long]], widths: Seq[Int]): Seq[Any] =
    widths.zip(widths.scanLeft(0)(_ + _)).flatMap { case (width, at) =>
      val fields = outputs.slice(at, at + width)
      if (fields.forall(_.isEmpty)) Seq(null) else fields.map(_.orNull)
    }

  private def requireSame(
      actual: Seq[(String, Seq[Any])],
      wanted: Seq[(String, Seq[Any])]
  ): Unit = {
    assert(actual.size == wanted.size)
    for (((a, w), row) <- actual.zip(wanted).zipWithIndex) assert(a == w, s"row $row")
  }

  test("any batch size gives the bits of the native library over whole groups") {
    val data = bars(Seq(1, 1, 2, 63, 64, 65, 128, 500, 7, 1, 1500, 30), seed = 1).cache()
    val wanted = fromLibrary(data)
    assert(wanted.count(!_._2.contains(null)) > 1000)
    for (rows <- Seq("1", "7", "64", "1000", "8192"))
      withSettings(Settings.BatchRows.key -> rows)(requireSame(fromSpark(data), wanted))
    for (adaptive <- Seq("true", "false"))
      withSettings(
        "spark.sql.adaptive.enabled" -> adaptive,
        "spark.sql.codegen.wholeStage" -> adaptive,
        Settings.BatchRows.key -> "100"
      )(requireSame(fromSpark(data), wanted))
    data.unpersist()
  }

  test("a group that begins exactly where a batch begins starts anew") {
    val data = bars(Seq.fill(9)(64), seed = 2)
    withSettings("spark.sql.shuffle.partitions" -> "1") {
      val wanted = fromLibrary(data)
      for (rows <- Seq("16", "32", "64", "128", "63", "65"))
        withSettings(Settings.BatchRows.key -> rows)(requireSame(fromSpark(data), wanted))
    }
  }

  test("wide rows end a batch early and come out as they went in") {
    val text = "x" * 300000
    val wide = spark
      .range(60)
      .selectExpr("id", s"concat('$text', id) AS text", "CAST(id AS DOUBLE) AS close")
    wide.createOrReplaceTempView("wide")
    val query = spark.sql("SELECT id, text, ta_sma(close, 2) OVER (ORDER BY id) AS sma FROM wide")
    val rows = query.collect()
    val buffers = collect(query.queryExecution.executedPlan) { case operator: IndicatorWindowExec =>
      operator.metrics("bufferSize").value
    }
    // 18 MB of rows, in batches of 4 MiB.
    assert(buffers.size == 1 && buffers.forall(_ < (8 << 20)), buffers)
    assert(rows.length == 60)
    for (row <- rows) {
      val id = row.getLong(0)
      assert(row.getString(1) == text + id)
      assert(if (id == 0) row.isNullAt(2) else row.getDouble(2) == id - 0.5)
    }
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("a batch size that is not a number of rows is refused by name") {
    withSettings(Settings.BatchRows.key -> "0") {
      val error = intercept[Exception](
        spark.sql("SELECT ta_sma(1.0D, 2) OVER (ORDER BY id) FROM range(3)").collect()
      )
      assert(error.getMessage.contains("spark.financelake.window.batchRows is '0'"))
      assert(error.getMessage.contains("1 to 1048576"))
    }
  }
}
