package io.financelake.jobs

import java.io.PrintStream
import java.nio.charset.StandardCharsets.UTF_8
import java.util.Locale

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.ObjectNode
import io.financelake.jni.{NativeLibrary, NativeTrainer}
import io.financelake.lake._
import io.financelake.ml.{TrendBaseline, TrendTraining}
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._

/** Trains a trend model on daily bars of a lake, and writes it with its report as a new version. */
object TrainTrend extends Job("Trains a trend model on the daily bars of a lake.") {
  import Job.{number, seconds}

  private val lakePath = JobOption("--lake", "PATH", "folder of the lake", required = true)
  private val modelName =
    JobOption("--model", "NAME", "the model's name in the lake", required = true)
  private val symbols =
    JobOption("--symbols", "A,B", "symbols to learn from; default: all equities")
  private val adjustment =
    JobOption("--adjustment", "KIND", "only series with raw, split or total adjusted prices")
  private val window = JobOption("--window", "N", "bars of a window; default: 60")
  private val horizon = JobOption("--horizon", "N", "bars ahead that are predicted; default: 5")
  private val threshold = JobOption(
    "--threshold",
    "RETURN",
    "smallest move, such as 0.01; default: half of the volatility of the last 20 bars"
  )
  private val units = JobOption("--units", "A,B", "units of the LSTM layers; default: 128,64")
  private val epochs = JobOption("--epochs", "N", "most epochs; default: 100")
  private val patience =
    JobOption("--patience", "N", "epochs without a better validation loss; default: 10")
  private val batch = JobOption("--batch", "N", "samples of a step; default: 64")
  private val rate = JobOption("--learning-rate", "X", "step size of Adam; default: 0.001")
  private val seed = JobOption("--seed", "N", "decides all that is random; default: 1")
  private val balanced = JobOption("--class-weights", "", "let rare classes count more")
  private val promote = JobOption("--promote", "", "put the new version into use")

  protected val options: Seq[JobOption] = Seq(
    lakePath,
    modelName,
    symbols,
    adjustment,
    window,
    horizon,
    threshold,
    units,
    epochs,
    patience,
    batch,
    rate,
    seed,
    balanced,
    promote
  )

  private val mapper = new ObjectMapper

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val plan = planOf(arguments)
    // Refuses what cannot be before Spark starts.
    NativeTrainer.open(plan.toString).close()
    val lake = new Lake(open.session(metastore = false), new Path(arguments(lakePath)))
    val models = new Models(lake.root, lake.spark.sparkContext.hadoopConfiguration)
    models.versions(arguments(modelName))
    val silver = lake.table(Layout.silverDaily)
    if (!silver.exists)
      throw new WrongArguments(s"--lake ${arguments(lakePath)} has no table ${silver.layout.name}")
    val bars = chosen(silver.rows, arguments)
    val training = new TrendTraining(plan)
    try {
      val rows = training.add(bars)
      val samples = training.begin()
      out.println(
        s"Spark ${lake.spark.version}, ${number(rows.rows)} bars of ${number(rows.series)} series, samples: " +
          Seq("training", "validation", "test")
            .map(part => s"$part ${number(samples.path(part).elements.asScala.map(_.asLong).sum)}")
            .mkString(", ")
      )
      training.run { epoch =>
        val text = TrendTraining.line(epoch)
        lake.spark.sparkContext.setJobDescription(s"TrainTrend: $text")
        out.println(s"  $text")
      }
      val scores = training.scores()
      TrendBaseline.logistic(lake.spark, training).foreach(scores.set[JsonNode]("logistic", _))
      val about = mapper.createObjectNode()
      about.put(
        "trained_by",
        s"financelake ${mapper.readTree(NativeLibrary.info()).path("version").asText}"
      )
      about.put("table", silver.layout.name).put("table_version", silver.version)
      val names = about.putArray("series")
      rows.names.foreach(names.add)
      about.set[JsonNode]("settings", plan.path("settings"))
      about.set[JsonNode]("samples", samples)
      about.set[JsonNode]("epochs", training.epochs)
      about.set[JsonNode]("scores", scores)
      val file = training.model(about)
      val report = mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(about)
      val html = TrendReport.html(arguments(modelName), about).getBytes(UTF_8)
      val version = models.add(
        arguments(modelName),
        file,
        Map("report.json" -> report, "report.html" -> html)
      )
      if (arguments.has(promote)) models.promote(arguments(modelName), version)
      print(out, scores)
      val state = if (arguments.has(promote)) "promoted" else "not promoted"
      out.println(
        s"trained ${arguments(modelName)}@$version ($state), ${number(training.epochs.size.toLong)} epochs, " +
          s"${models.path(arguments(modelName), version)}, ${seconds(start)}"
      )
    } finally training.close()
  }

  private def planOf(arguments: Arguments.Parsed): ObjectNode = {
    def value[T](option: JobOption, wanted: String)(read: String => Option[T]): Option[T] =
      arguments.get(option).map { text =>
        read(text).getOrElse {
          throw new WrongArguments(s"${option.name} is '$text'; write $wanted")
        }
      }
    def whole(option: JobOption): Option[Int] = value(option, "a whole number")(_.toIntOption)
    val plan = mapper.createObjectNode()
    plan.put("window", whole(window).getOrElse(60))
    plan.set[JsonNode]("features", TrendFeatures.default)
    value(units, "two whole numbers, such as 128,64") { text =>
      Some(text.split(',').toSeq.map(_.trim.toIntOption)).filter(s =>
        s.size == 2 && s.forall(_.isDefined)
      )
    }.foreach { sizes =>
      val own = plan.putObject("sizes").put("dense", 32).putArray("units")
      sizes.flatten.foreach(own.add(_))
    }
    val labels = plan.putObject("labels").put("horizon", whole(horizon).getOrElse(5))
    value(threshold, "a return, such as 0.01")(_.toDoubleOption) match {
      case Some(fixed) => labels.putObject("threshold").put("fixed", fixed)
      case None =>
        labels.putObject("threshold").putObject("volatility").put("bars", 20).put("times", 0.5)
    }
    val settings = plan.putObject("settings")
    whole(epochs).foreach(settings.put("epochs", _))
    whole(patience).foreach(settings.put("patience", _))
    whole(batch).foreach(settings.put("batch", _))
    value(seed, "a whole number")(_.toLongOption).foreach(settings.put("seed", _))
    value(rate, "a number")(_.toDoubleOption).foreach(settings.put("learning_rate", _))
    settings.put("class_weights", arguments.has(balanced))
    plan
  }

  private def chosen(silver: DataFrame, arguments: Arguments.Parsed): DataFrame = {
    val kind = arguments.get(adjustment).fold(silver)(k => silver.where(col("adjustment") === k))
    val bars = kind.where(!col("closes_only"))
    arguments.get(symbols) match {
      case Some(list) =>
        val wanted = list.split(',').map(_.trim).filter(_.nonEmpty).toSeq
        val known = bars.select("symbol").distinct().collect().map(_.getString(0)).toSet
        wanted.filterNot(known.contains) match {
          case Seq() => bars.where(col("symbol").isin(wanted: _*))
          case missing =>
            throw new WrongArguments(
              s"--symbols: no whole daily bars of ${missing.mkString(", ")}; the lake has " +
                known.toSeq.sorted.take(20).mkString(", ")
            )
        }
      case None => bars.where(col("asset_class") === "equity")
    }
  }

  private def print(out: PrintStream, scores: JsonNode): Unit = {
    out.println()
    out.println(f"${"test part"}%-16s ${"accuracy"}%9s ${"macro F1"}%9s ${"log loss"}%9s")
    for ((name, key) <- TrendReport.Rows; row = scores.path(key) if row.has("accuracy")) {
      def cell(field: String): String =
        if (row.has(field)) "%.4f".formatLocal(Locale.ROOT, row.path(field).asDouble) else "-"
      out.println(
        f"$name%-16s ${cell("accuracy")}%9s ${cell("macro_f1")}%9s ${cell("log_loss")}%9s"
      )
    }
  }
}
