package io.financelake.jobs

import java.io.PrintStream

import io.financelake.lake._
import io.financelake.sql.{Settings, TrendModel}
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.functions._

/** Scores the daily bars of a lake with a trend model into `gold/trend_predictions`. */
object ScoreTrend extends Job("Scores the daily bars of a lake with a trend model.") {
  import Job.{number, seconds}

  private val lakePath = JobOption("--lake", "PATH", "folder of the lake", required = true)
  private val modelName = JobOption(
    "--model",
    "NAME",
    "a model of the lake: its promoted version, or NAME@VERSION",
    required = true
  )
  private val symbols =
    JobOption(
      "--symbols",
      "A,B",
      "symbols to score; default: those of the series that it was trained on"
    )

  protected val options: Seq[JobOption] = Seq(lakePath, modelName, symbols) ++ Follow.options

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val lake = new Lake(open.session(metastore = false), new Path(arguments(lakePath)))
    val silver = lake.table(Layout.silverDaily)
    if (!silver.exists)
      throw new WrongArguments(s"--lake ${arguments(lakePath)} has no table ${silver.layout.name}")
    val models = new Models(lake.root, lake.spark.sparkContext.hadoopConfiguration)
    val chosen = arguments.get(symbols).map(_.split(',').map(_.trim).filter(_.nonEmpty).toSeq)
    // The queries name a version of this lake's model.
    lake.spark.conf.set(Settings.Lake.key, lake.root.toString)
    def opened(): Used = used(lake, models, arguments(modelName), chosen)
    var current = opened()
    if (arguments.has(Follow.stream)) {
      out.println(s"scores with ${current.label}")
      Follow.run(arguments, out) { () =>
        // A step has one version; another one comes into use with the step after its promotion.
        val replaced = !arguments(modelName).contains('@') &&
          !models.promoted(current.name).contains(current.version)
        if (replaced) current = opened()
        current.predictions.refresh()
      }
    } else {
      current.predictions.refresh()
      new Monitoring(lake, current.name, current.version, current.model)
        .refresh(current.predictions.bars)
      summary(lake.table(Layout.goldPredictions), current, out, start)
    }
  }

  private case class Used(name: String, version: Int, model: TrendModel, predictions: Predictions) {
    def label: String = model.label
  }

  private def used(
      lake: Lake,
      models: Models,
      reference: String,
      symbols: Option[Seq[String]]
  ): Used =
    try {
      val (name, version, file) = models.find(reference)
      val model = TrendModel.of(s"$name@$version", file)
      Used(name, version, model, new Predictions(lake, name, version, model, symbols))
    } catch { case e: IllegalArgumentException => throw new WrongArguments(e.getMessage) }

  private def summary(table: LakeTable, used: Used, out: PrintStream, start: Long): Unit = {
    val counts = table.rows
      .where(col("model") === used.name)
      .agg(
        count_if(col("prediction").isNotNull),
        count_if(col("label").isNotNull && col("prediction").isNotNull),
        count_if(col("label") === col("prediction"))
      )
      .head()
    val (count, known, right) = (counts.getLong(0), counts.getLong(1), counts.getLong(2))
    val share =
      if (known == 0) ""
      else f", ${right * 100.0 / known}%.1f %% right of ${number(known)} whose class is known"
    out.println(
      s"scored ${number(count)} rows with ${used.label} into ${table.layout.name} version ${table.version}$share, " +
        seconds(start)
    )
  }
}
