package io.financelake.jobs

import java.io.PrintStream
import java.nio.charset.StandardCharsets.UTF_8
import java.security.MessageDigest
import java.util.Locale

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.ObjectNode
import io.financelake.jni.{NativeLibrary, NativeTrainer}
import io.financelake.lake._
import io.financelake.ml.{TrendBaseline, TrendTraining}
import io.financelake.sql.TrendModel
import org.apache.hadoop.fs.Path
import org.apache.spark.internal.Logging
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._

/** Trains a trend model on daily bars of a lake, and writes it with its report as a new version. */
object TrainTrend extends Job("Trains a trend model on the daily bars of a lake.") with Logging {
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
  private val ifNeeded = JobOption(
    "--if-needed",
    "RULE",
    "only if the version in use is older than, say, 30d, or for drift if a feature has moved away from its training; 30d,drift: either"
  )
  private val restart =
    JobOption("--restart", "", "begin anew, where a killed run of the same training would go on")

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
    promote,
    ifNeeded,
    restart
  )

  private val mapper = new ObjectMapper

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val plan = planOf(arguments)
    val rules = arguments.get(ifNeeded).map(Rules.parse)
    // Refuses what cannot be before Spark starts.
    NativeTrainer.open(plan.toString).close()
    val lake = new Lake(open.session(metastore = false), new Path(arguments(lakePath)))
    val models = new Models(lake.root, lake.spark.sparkContext.hadoopConfiguration)
    models.versions(arguments(modelName))
    val silver = lake.table(Layout.silverDaily)
    if (!silver.exists)
      throw new WrongArguments(s"--lake ${arguments(lakePath)} has no table ${silver.layout.name}")
    val needed = rules.map(_.reason(models, arguments(modelName), chosen(silver.rows, arguments)))
    needed.foreach(reason => out.println(reason.merge))
    if (!needed.exists(_.isLeft)) train(arguments, plan, lake, models, silver, out, start)
  }

  private def train(
      arguments: Arguments.Parsed,
      plan: ObjectNode,
      lake: Lake,
      models: Models,
      silver: LakeTable,
      out: PrintStream,
      start: Long
  ): Unit = {
    val checkpoint = models.training(arguments(modelName), key(plan, arguments, silver))
    if (arguments.has(restart)) checkpoint.remove()
    val earlier = checkpoint.load()
    // What a killed run read is read again, so that the result is what it would have been.
    val tableVersion = earlier.fold(silver.version)(_.tableVersion)
    val bars = chosen(silver.rowsAt(tableVersion), arguments)
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
      earlier.foreach { saved =>
        training.resume(saved.epochs, saved.state)
        out.println(
          s"goes on after epoch ${saved.epochs.size} of a run that ended early, with version $tableVersion of " +
            silver.layout.name
        )
      }
      training.run { epoch =>
        val text = TrendTraining.line(epoch)
        lake.spark.sparkContext.setJobDescription(s"TrainTrend: $text")
        logInfo(s"${arguments(modelName)}: $text")
        checkpoint.save(Checkpoint.Saved(tableVersion, training.epochs, training.save()))
        out.println(s"  $text")
      }
      val scores = training.scores()
      TrendBaseline.logistic(lake.spark, training).foreach(scores.set[JsonNode]("logistic", _))
      val about = mapper.createObjectNode()
      about.put(
        "trained_by",
        s"financelake ${mapper.readTree(NativeLibrary.info()).path("version").asText}"
      )
      about.put("table", silver.layout.name).put("table_version", tableVersion)
      val names = about.putArray("series")
      rows.names.foreach(names.add)
      about.set[JsonNode]("settings", plan.path("settings"))
      about.set[JsonNode]("samples", samples)
      val features = plan.path("features").elements.asScala.map(_.path("name").asText).toSeq
      about.set[JsonNode](
        FeatureDrift.Key,
        FeatureDrift.distribution(features, training.samples(0))
      )
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
      checkpoint.remove()
      if (arguments.has(promote)) models.promote(arguments(modelName), version)
      print(out, scores)
      val state = if (arguments.has(promote)) "promoted" else "not promoted"
      out.println(
        s"trained ${arguments(modelName)}@$version ($state), ${number(training.epochs.size.toLong)} epochs, " +
          s"${models.path(arguments(modelName), version)}, ${seconds(start)}"
      )
    } finally training.close()
  }

  /** The same for the same training: what is learnt from which bars, and by which version of this library. */
  private def key(plan: ObjectNode, arguments: Arguments.Parsed, silver: LakeTable): String = {
    val bars = Seq(symbols, adjustment).map(arguments.get(_).getOrElse(""))
    val library = mapper.readTree(NativeLibrary.info())
    val all =
      Seq(plan, library.path("version"), library.path("build")).map(_.toString) ++ bars :+ silver.id
    val digest = MessageDigest.getInstance("SHA-256").digest(all.mkString("\n").getBytes(UTF_8))
    digest.take(8).map(byte => f"$byte%02x").mkString
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

/** When a model is to be trained again.
  *
  * @param days
  *   the age of the version in use, in days
  * @param drift
  *   whether a feature that has moved away from its training is a reason too
  */
final private case class Rules(days: Option[Int], drift: Boolean) {

  /** On the right why it is needed, on the left why not. */
  def reason(models: Models, name: String, bars: DataFrame): Either[String, String] =
    models.promoted(name) match {
      case None => Right(s"needed: no version of $name is in use")
      case Some(version) =>
        val old = (System.currentTimeMillis() - models.made(name, version)) / 86400000L
        lazy val moved = {
          val (_, _, file) = models.find(s"$name@$version")
          Monitoring.drift(TrendModel.of(s"$name@$version", file), bars)
        }
        val told = s"$name@$version is $old days old"
        if (days.exists(old >= _)) Right(s"needed: $told")
        else if (!drift) Left(s"not needed: $told")
        else
          moved match {
            case None => Right(s"needed: $told, and does not say what its features were like")
            case Some((feature, index)) =>
              val all = "%s, and %s has a stability index of %.3f, of at most %.2f"
                .formatLocal(Locale.ROOT, told, feature, index, FeatureDrift.Much)
              if (index > FeatureDrift.Much) Right(s"needed: $all") else Left(s"not needed: $all")
          }
    }
}

private object Rules {
  def parse(text: String): Rules =
    text.split(',').map(_.trim).foldLeft(Rules(None, drift = false)) {
      case (rules, "drift") => rules.copy(drift = true)
      case (rules, days) if days.matches("[0-9]{1,5}d") =>
        rules.copy(days = Some(days.dropRight(1).toInt))
      case _ =>
        throw new WrongArguments(
          s"--if-needed is '$text'; write an age such as 30d, drift, or 30d,drift"
        )
    }
}
