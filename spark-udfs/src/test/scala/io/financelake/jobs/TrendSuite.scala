package io.financelake.jobs

import java.nio.file.{Files, Path}

import com.fasterxml.jackson.databind.ObjectMapper
import io.financelake.jni.NativeLibrary
import io.financelake.lake.{Models, TrendFeatures}
import io.financelake.sql.{Settings, TrendModel}
import org.apache.hadoop.fs.{Path => HadoopPath}
import org.apache.spark.sql.functions._

/** A model that is trained on a lake, and the lake scored with it. */
class TrendSuite extends LakeSuite {

  private val small = Seq("--window", "12", "--units", "8,6", "--epochs", "2", "--horizon", "3")

  private def models(lake: Path): Models =
    new Models(new HadoopPath(lake.toString), spark.sparkContext.hadoopConfiguration)

  /** A lake with real daily bars. */
  private def withBars(body: Path => Unit): Unit = withFolder { folder =>
    val source = Files.createDirectory(folder.resolve("source"))
    val lake = folder.resolve("lake")
    importing(
      marketFolder(source, "asia_equity_daily.csv.gz"),
      lake,
      "--reference",
      instruments
    )
    body(lake)
  }

  test(
    "training writes a version with its report, and scoring gives what the same windows give one by one"
  ) {
    withBars { lake =>
      val options = Seq("--lake", lake.toString, "--model", "asia")
      val trained = run(TrainTrend, options ++ small :+ "--promote": _*)
      assert(trained.code == 0, trained.err)
      assert(trained.out.contains("epoch 2: loss"), trained.out)
      assert(trained.out.contains("trained asia@1 (promoted), 2 epochs"), trained.out)
      for (row <- Seq("model", "majority class", "last direction", "logistic"))
        assert(trained.out.linesIterator.exists(_.startsWith(row)), trained.out)
      val report = new ObjectMapper().readTree(lake.resolve("models/asia/1/report.json").toFile)
      assert(report.path("scores").path("test").path("accuracy").asDouble > 0.2)
      val page = Files.readString(lake.resolve("models/asia/1/report.html"))
      assert(page.contains("<polyline") && page.contains("majority class"))

      val scored = run(ScoreTrend, options: _*)
      assert(scored.code == 0, scored.err)
      val found = table(lake, "gold/trend_predictions")
      assert(scored.out.contains("with asia@1"), scored.out)

      // The same windows, formed by Spark and scored one by one; the same labels, by SQL.
      spark.conf.set(Settings.Lake.key, lake.toString)
      val (name, version, file) = models(lake).find("asia")
      assert((name, version) == (("asia", 1)))
      val features = TrendFeatures.sql(TrendModel.of("asia", file).card.path("features"))
      val named = features.zipWithIndex.map { case (sql, i) => s"double($sql) AS f$i" }
      table(lake, "silver/stock_daily")
        .selectExpr(Seq("series", "ts", "seq", "close") ++ named: _*)
        .createOrReplaceTempView("trend_features")
      val all = features.indices.map(i => s"f$i").mkString(", ")
      val usable = features.indices.map(i => s"f$i IS NOT NULL").mkString(" AND ")
      val windows = spark.sql(
        s"""SELECT series, ts, ta_trend_score(flatten(w), 'asia') AS t FROM (
           |  SELECT series, ts, collect_list(array($all)) OVER (
           |    PARTITION BY series ORDER BY ts, seq ROWS 11 PRECEDING) AS w
           |  FROM trend_features WHERE $usable) WHERE size(w) = 12""".stripMargin
      )
      val labels = spark.sql(
        """SELECT series, ts, CASE WHEN past < 20 THEN NULL WHEN r > limit THEN 1 WHEN r < -limit THEN 0
          |  WHEN r IS NOT NULL THEN 2 END AS label FROM (
          |  SELECT series, ts, lead(close, 3) OVER w / close - 1 AS r, count(one) OVER v AS past,
          |    0.5 * stddev_samp(one) OVER v * sqrt(3) AS limit FROM (
          |    SELECT series, ts, seq, close, close / lag(close) OVER (PARTITION BY series ORDER BY ts, seq) - 1 AS one
          |    FROM trend_features)
          |  WINDOW w AS (PARTITION BY series ORDER BY ts, seq),
          |    v AS (PARTITION BY series ORDER BY ts, seq ROWS 19 PRECEDING))""".stripMargin
      )
      val wanted = windows.join(labels, Seq("series", "ts")).select("series", "ts", "t.*", "label")
      val actual =
        found.select("series", "ts", "prediction", "p_down", "p_up", "p_neutral", "label")
      assert(actual.count() == wanted.count() && actual.count() > 1000)
      assert(actual.exceptAll(wanted).isEmpty)
      assert(
        rows(found.select("model", "model_version").distinct()).map(_.toSeq) == Seq(
          Seq[Any]("asia", 1)
        )
      )

      watched(lake, found)
      val young = run(TrainTrend, options ++ small ++ Seq("--if-needed", "30d"): _*)
      assert(young.code == 0 && young.out == "not needed: asia@1 is 0 days old\n", young.out)
      assert(models(lake).versions("asia") == Seq(1))

      // Another version scores once it is promoted, and replaces the rows then.
      assert(models(lake).add("asia", file) == 2)
      assert(models(lake).find("asia")._2 == 1)
      models(lake).promote("asia", 2)
      assert(run(ScoreTrend, options: _*).out.contains("with asia@2"))
      assert(rows(found.select("model_version").distinct()).map(_.getInt(0)) == Seq(2))
      assert(found.count() == wanted.count())
      models(lake).promote("asia", 1)
      assert(models(lake).promoted("asia").contains(1))
      assert(NativeLibrary.liveHandles() == 0)
      spark.conf.unset(Settings.Lake.key)
    }
  }

  /** The table of monitoring against SQL over the predictions, and its drift against its definition. */
  private def watched(lake: Path, predictions: org.apache.spark.sql.DataFrame): Unit = {
    val told = table(lake, "gold/model_monitoring")
    predictions.createOrReplaceTempView("trend_predicted")
    val wanted = spark.sql(
      """SELECT to_date(date_trunc('MONTH', ts)) AS month, count(*) AS rows,
        |  round(count_if(prediction = 1) / count(*), 9) AS up, count(label) AS known,
        |  round(count_if(label = prediction) / count(label), 9) AS accuracy,
        |  round(avg(double(greatest(p_down, p_up, p_neutral))), 9) AS sure
        |FROM trend_predicted GROUP BY 1""".stripMargin
    )
    val rounded =
      Seq("share_up", "accuracy", "confidence").map(name => round(col(name), 9).as(name))
    val found =
      told.select(col("month"), col("rows"), rounded.head, col("known"), rounded(1), rounded(2))
    assert(found.count() > 12)
    assert(rows(found.exceptAll(wanted)) == Nil && rows(wanted.exceptAll(found)) == Nil)

    val trained = new ObjectMapper()
      .readTree(lake.resolve("models/asia/1/report.json").toFile)
      .path("distribution")
      .path("rsi_14")
    def numbers(field: String): Seq[Double] =
      (0 until trained.path(field).size).map(trained.path(field).path(_).asDouble)
    val card = TrendModel.of("asia", models(lake).find("asia")._3).card
    val feature =
      (0 until 10).map(card.path("features").path(_)).find(_.path("name").asText == "rsi_14").get
    val (low, high) = (feature.path("min").asDouble, feature.path("max").asDouble)
    val rsi = rows(
      table(lake, "silver/stock_daily")
        .selectExpr("ts", "ta_rsi(close, 14) OVER (PARTITION BY series ORDER BY ts, seq) AS f")
        .where("f IS NOT NULL")
        .selectExpr("date_trunc('MONTH', ts)", "f")
    ).groupBy(_.getTimestamp(0)).values.maxBy(_.size)
    val bins = rsi.map(row => numbers("edges").count(_ < (row.getDouble(1) - low) / (high - low)))
    val index = numbers("shares").zipWithIndex.map { case (share, bin) =>
      val (was, is) = (share.max(1e-4), (bins.count(_ == bin).toDouble / bins.size).max(1e-4))
      (is - was) * math.log(is / was)
    }.sum
    assert(numbers("shares").size == 10 && math.abs(numbers("shares").sum - 1) < 1e-9)
    val month = rsi.head.getTimestamp(0)
    val kept = rows(
      told.where(col("month") === to_date(lit(month))).selectExpr("psi['rsi_14']", "size(psi)")
    )
    assert(math.abs(kept.head.getDouble(0) - index) < 1e-9 && kept.head.getInt(1) == 10)
  }

  test("bars that stand out are found in all tables, with the reason") {
    withFolder { folder =>
      val source = Files.createDirectory(folder.resolve("source"))
      val lake = folder.resolve("lake")
      val days = (0 until 70).map(java.time.LocalDate.parse("2024-01-01").plusDays(_))
      val quotes = days.zipWithIndex.map { case (day, i) =>
        val close = if (i == 60) 19.0 else 10.0 + i % 2 * 0.1
        quote(
          s"${day}T00:00:00Z",
          close,
          s""","freq":"1d","volume":${if (i == 50) 90000 else 1000 + i}"""
        )
      }
      importing(write(source.resolve("quotes.jsonl"), quotes), lake)
      val done = run(DetectAnomalies, "--lake", lake.toString)
      assert(done.code == 0, done.err)
      val found = rows(
        table(lake, "gold/anomalies")
          .select(col("kind"), date_format(col("ts"), "yyyy-MM-dd"), col("explanation"))
          .orderBy("ts", "kind")
      ).map(row => (row.getString(0), row.getString(1)) -> row.getString(2))
      assert(
        found.map(_._1) == Seq(
          "volume" -> days(50).toString,
          "band" -> days(60).toString,
          "return" -> days(60).toString,
          "return" -> days(61).toString
        )
      )
      assert(found(2)._2.startsWith("the price moved +"), found(2)._2)
      val wrong = run(DetectAnomalies, "--lake", lake.toString, "--thresholds", """{"return":0}""")
      assert(wrong.code == 1 && wrong.err.contains("unknown field `return`"), wrong.err)
    }
  }

  test("what cannot be is said before Spark works") {
    withFolder { folder =>
      val lake = folder.toString
      def refused(job: Job, arguments: String*): String = {
        val done = run(job, arguments: _*)
        assert(done.code == 2 || done.code == 1, done.out)
        done.err
      }
      assert(
        refused(TrainTrend, "--lake", lake, "--model", "m", "--window", "x")
          .contains("--window is 'x'; write a whole number")
      )
      assert(
        refused(TrainTrend, "--lake", lake, "--model", "m", "--if-needed", "30")
          .contains("--if-needed is '30'; write an age such as 30d, drift, or 30d,drift")
      )
      assert(
        refused(TrainTrend, "--lake", lake, "--model", "m").contains(
          "has no table silver/stock_daily"
        )
      )
      assert(
        refused(ScoreTrend, "--lake", lake, "--model", "m").contains(
          "has no table silver/stock_daily"
        )
      )
      assert(
        refused(TrainTrend, "--lake", lake, "--model", "a/b").contains("is no name of a model")
      )
    }
  }
}
