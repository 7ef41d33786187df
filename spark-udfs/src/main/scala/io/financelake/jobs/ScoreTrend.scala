package io.financelake.jobs

import java.io.PrintStream

import com.fasterxml.jackson.databind.ObjectMapper
import io.financelake.jni.NativeTrainer
import io.financelake.lake._
import io.financelake.sql.{Settings, TrendModel}
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.{DataFrame, Encoders, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types.IntegerType

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

  protected val options: Seq[JobOption] = Seq(lakePath, modelName, symbols)

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val lake = new Lake(open.session(metastore = false), new Path(arguments(lakePath)))
    val silver = lake.table(Layout.silverDaily)
    if (!silver.exists)
      throw new WrongArguments(s"--lake ${arguments(lakePath)} has no table ${silver.layout.name}")
    val (name, version, file) =
      try
        new Models(lake.root, lake.spark.sparkContext.hadoopConfiguration)
          .find(arguments(modelName))
      catch { case e: IllegalArgumentException => throw new WrongArguments(e.getMessage) }
    val model = TrendModel.of(s"$name@$version", file)
    // The query below names the version, so it cannot resolve to another one.
    lake.spark.conf.set(Settings.Lake.key, lake.root.toString)
    val bars = arguments.get(symbols) match {
      case Some(list) =>
        silver.rows.where(col("symbol").isin(list.split(',').map(_.trim).toSeq: _*))
      case None => silver.rows.where(col("series").isin(TrendModelCard.series(model): _*))
    }
    val scored = score(bars, model)
    val table = lake.table(Layout.goldPredictions)
    val marker = Marker(s"financelake:trend:$name", Job.now())
    val condition = s"model = '$name'"
    table.replace(
      scored
        .withColumn("model", lit(name))
        .withColumn("model_version", lit(version))
        .withColumn("scored_at", current_timestamp())
        .select(Layout.goldPredictions.schema.names.toSeq.map(col): _*)
        .sortWithinPartitions("series", "ts"),
      Some(condition),
      marker
    )
    val rows = table.rows.where(condition)
    val counts = rows
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
      s"scored ${number(count)} rows with $name@$version into ${table.layout.name} version ${table.version}$share, " +
        seconds(start)
    )
  }

  /** The rows of Silver with the model's results and the class that came, where that is known. */
  private def score(bars: DataFrame, model: TrendModel): DataFrame = {
    val features = model.card.path("features")
    val labels = model.card.path("labels").toString
    val scored = bars
      .select(
        col("series"),
        col("ts"),
        col("seq"),
        col("close"),
        expr(TrendFeatures.score(model.label, features)).as("t")
      )
      .select("series", "ts", "seq", "close", "t.*")
      .sortWithinPartitions("series", "ts", "seq")
    val schema = scored.schema.add("label", IntegerType)
    // The window has brought the rows of a series into one partition.
    scored
      .mapPartitions(rows => labelled(rows, labels))(
        Encoders.row(schema)
      )
      .where(col("prediction").isNotNull)
  }

  private def labelled(rows: Iterator[Row], labels: String): Iterator[Row] =
    BySeries.flatMap(rows) { own =>
      val close = own.map(row => if (row.isNullAt(3)) Double.NaN else row.getDouble(3)).toArray
      own.iterator.zip(NativeTrainer.labels(labels, close).iterator).map { case (row, label) =>
        Row.fromSeq(row.toSeq :+ (if (label < 0) null else label))
      }
    }
}

private object TrendModelCard {

  /** The series that a model was trained on. */
  def series(model: TrendModel): Seq[String] = {
    val names = model.card.path("training").path("series")
    if (!names.isArray || names.isEmpty)
      throw new WrongArguments(
        s"model $model does not say which series it was trained on; name some with --symbols"
      )
    new ObjectMapper().convertValue(names, classOf[Array[String]]).toSeq
  }
}
