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
