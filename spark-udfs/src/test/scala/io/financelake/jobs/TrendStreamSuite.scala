package io.financelake.jobs

import java.nio.file.{Files, Path}
import java.time.LocalDate

import org.apache.spark.sql.functions._

/** Jobs of trend models that are killed, and results that follow Silver. */
class TrendStreamSuite extends LakeSuite {

  private val first = LocalDate.parse("2023-01-02")

  /** A bar of a day, with a price that moves up and down. */
  private def bar(symbol: String, day: Int, more: String = ""): String = {
    val close =
      100 + 10 * math.sin(day / 7.0) + 3 * math.sin(day * (if (symbol == "ABC") 1.3 else 2.1))
    val (high, low) = (close + 1 + day % 3, close - 1 - day % 2)
    s"""{"symbol":"$symbol","region":"EU","asset_class":"equity","freq":"1d","source":"test",""" +
      s""""ts":"${first.plusDays(day.toLong)}T00:00:00Z","open":$close,"high":$high,"low":$low,""" +
      s""""close":$close,"volume":${1000 + day * 37 % 500}$more}"""
  }

  private def bars(folder: Path, name: String, lines: Seq[String], lake: Path): Unit = {
    importing(write(folder.resolve(s"$name.jsonl"), lines), lake)
    ()
  }

  /** The number of a table's commits, as its log has them. */
  private def commits(lake: Path, name: String): Int = {
    val log = lake.resolve(s"$name/_delta_log").toFile
    Option(log.list()).fold(0)(_.count(_.matches("\\d{20}\\.json")))
  }

  private def content(lake: Path, name: String, without: String): Seq[String] =
    rows(table(lake, name).drop(without).select(to_json(struct(col("*")))))
      .map(_.getString(0))
      .sorted

  test("a training that was killed between epochs ends with the bytes of one that was not") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      bars(folder, "bars", (0 until 700).flatMap(day => Seq("ABC", "DEF").map(bar(_, day))), lake)
      def options(model: String) = Seq("--lake", lake.toString, "--model", model) ++
        Seq("--window", "20", "--units", "48,24", "--epochs", "12", "--patience", "0")
      val training = new ForkedJob(TrainTrend, options("killed"), folder.resolve("log"))
      val runs = lake.resolve("models/killed/training")
      def epochs: Int = {
        val found =
          if (Files.exists(runs)) Files.walk(runs) else java.util.stream.Stream.empty[Path]()
        try found.filter(_.toString.matches(".*/epochs/\\d+\\.json")).count().toInt
        finally found.close()
      }
      training.until("the second epoch")(epochs >= 2)
      training.kill()
      assert(epochs < 12)
      // As a table, while it runs.
      val told = spark.read.json(s"$runs/*/epochs")
      assert(told.columns.contains("validation_loss") && told.count() == epochs)

      val whole = run(TrainTrend, options("whole"): _*)
      assert(whole.code == 0, whole.err)
      // New bars do not change what the rest of it learns from.
      bars(folder, "later", Seq(bar("ABC", 700)), lake)
      val resumed = run(TrainTrend, options("killed"): _*)
      assert(resumed.code == 0, resumed.err)
      assert(resumed.out.contains("with version 0 of silver/stock_daily"), resumed.out)
      def model(name: String) =
        Files.readAllBytes(lake.resolve(s"models/$name/1/model.safetensors"))
      assert(java.util.Arrays.equals(model("killed"), model("whole")))
      assert(epochs == 0)
    }
  }

  test("results follow what changes in Silver, after a kill too, and equal those of one go") {
    withFolder { folder =>
      val lake = folder.resolve("lake")
      val symbols = Seq("ABC", "DEF", "GHI")
      val jump = bar("GHI", 100).replaceAll("\"high\":[0-9.]+", "\"high\":900")
      bars(
        folder,
        "bars",
        (0 until 300).flatMap(day => symbols.map(bar(_, day))) :+
          jump.replaceAll("\"close\":[0-9.]+", "\"close\":400").replace("}", ",\"revision\":1}"),
        lake
      )
      val small = Seq("--window", "12", "--units", "8,6", "--epochs", "1", "--horizon", "3")
      val here = Seq("--lake", lake.toString)
      val trained = run(
        TrainTrend,
        here ++ Seq("--model", "m", "--promote", "--symbols", "ABC,DEF") ++ small: _*
      )
      assert(trained.code == 0, trained.err)
      val models = new io.financelake.lake.Models(
        new org.apache.hadoop.fs.Path(lake.toString),
        spark.sparkContext.hadoopConfiguration
      )
      def detect(thresholds: String): Seq[String] = {
        val done = run(DetectAnomalies, here ++ Seq("--thresholds", thresholds): _*)
        assert(done.code == 0, done.err)
        content(lake, "gold/anomalies", "detected_at")
      }
      assert(detect("{}").nonEmpty)

      def stream(): ForkedJob = new ForkedJob(
        ScoreTrend,
        here ++ Seq("--model", "m", "--stream", "--trigger", "1"),
        folder.resolve(s"log")
      )
      val killed = stream()
      killed.until("the first commit")(commits(lake, "gold/trend_predictions") >= 1)
      killed.kill()
      val more = (300 until 310).flatMap(day => symbols.map(bar(_, day)))
      val corrected = bar("ABC", 250).replaceAll("\"volume\":[0-9]+", "\"volume\":9999")
      bars(folder, "more", more :+ corrected.replace("}", ",\"revision\":1}"), lake)
      val restarted = stream()
      restarted.until("the second commit")(commits(lake, "gold/trend_predictions") >= 2)
      assert(restarted.stop() == 143)
      assert(restarted.output.contains("stopped after 1 commits"), restarted.output)

      // The same file under another name is scored in one go.
      models.add("twin", models.find("m")._3)
      models.promote("twin", 1)
      assert(run(ScoreTrend, here ++ Seq("--model", "twin"): _*).code == 0)
      val all = table(lake, "gold/trend_predictions")
      def of(model: String) = all.where(col("model") === model).drop("model", "scored_at")
      assert(of("m").count() > 400 && of("m").count() == of("m").distinct().count())
      assert(
        rows(of("m").exceptAll(of("twin"))) == Nil && rows(of("twin").exceptAll(of("m"))) == Nil
      )
      // Only what could have changed was scored again.
      val late = all
        .where(col("model") === "m")
        .groupBy("series", "scored_at")
        .agg(count("*"))
        .orderBy("series", "scored_at")
      assert(
        rows(late)
          .map(row => row.getString(0) -> row.getLong(2))
          .groupBy(_._1)
          .forall(_._2.size == 2)
      )
      assert(rows(late).filter(_.getString(0).startsWith("DEF")).map(_.getLong(2)).last == 13)
      assert(rows(late).filter(_.getString(0).startsWith("ABC")).map(_.getLong(2)).last == 63)

      val before =
        rows(table(lake, "gold/anomalies").select(max("detected_at"))).head.getTimestamp(0)
      val followed = detect("{}")
      assert(
        rows(table(lake, "gold/anomalies").select(min("detected_at"))).head
          .getTimestamp(0)
          .compareTo(before) <= 0
      )
      assert(detect("{ }") == followed)
    }
  }
}
