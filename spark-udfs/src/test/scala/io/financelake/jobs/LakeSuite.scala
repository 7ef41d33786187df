package io.financelake.jobs

import java.io.{ByteArrayOutputStream, PrintStream}
import java.nio.charset.StandardCharsets.UTF_8
import java.nio.file.{Files, Path}
import java.sql.Timestamp
import java.time.Instant
import java.util.zip.GZIPOutputStream

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import io.delta.tables.DeltaTable
import io.financelake.SparkSuite
import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.functions._
import org.apache.spark.sql.types.StructType

/** Runs jobs as `spark-submit` does, on small lakes of their own. */
trait LakeSuite extends SparkSuite {
  protected val market: Path = Path.of("data/market")
  protected val instruments: String = "data/reference/instruments.csv"
  protected val dirty: Path = Path.of("native/market/tests/dirty/stock_ticks.jsonl")

  protected val tables: Seq[String] = Seq(
    "bronze/stock_data",
    "bronze/bond_data",
    "silver/stock_data",
    "silver/stock_daily",
    "silver/bond_data",
    "gold/daily_summary",
    "gold/technical_indicators",
    "gold/market_windows"
  )

  /** Compiling queries takes far longer than a few rows; tests/jobs runs the same jobs compiled. */
  protected val interpreted: Seq[(String, String)] =
    Seq("spark.sql.codegen.wholeStage" -> "false", "spark.sql.codegen.factoryMode" -> "NO_CODEGEN")

  /** What a job did. */
  protected case class Run(code: Int, out: String, err: String)

  protected def run(job: Job, arguments: String*): Run = withSettings(interpreted: _*) {
    val (out, err) = (new ByteArrayOutputStream, new ByteArrayOutputStream)
    val code = job.execute(arguments, new PrintStream(out, true), new PrintStream(err, true))
    Run(code, out.toString(UTF_8), err.toString(UTF_8))
  }

  /** An import that must succeed. */
  protected def importing(source: Path, lake: Path, more: String*): Run = {
    val done =
      run(ImportBars, Seq("--source", source.toString, "--lake", lake.toString) ++ more: _*)
    assert(done.code == 0, done.err + done.out)
    done
  }

  protected def table(lake: Path, name: String): DataFrame =
    spark.read.format("delta").load(lake.resolve(name).toString)

  /** The newest version of every table. */
  protected def versions(lake: Path): Map[String, Long] = tables.map { name =>
    val newest = DeltaTable.forPath(spark, lake.resolve(name).toString).history(1)
    name -> newest.select("version").head().getLong(0)
  }.toMap

  /** All rows of every table without what depends on when a run took place. */
  protected def content(lake: Path): Map[String, Seq[String]] = tables.map { name =>
    val rows = table(lake, name).drop("timestamp", "ingested_at", "known_at")
    val timeless = if (name.startsWith("bronze")) rows.drop("date") else rows
    name -> timeless.select(to_json(struct(col("*")))).collect().map(_.getString(0)).sorted.toSeq
  }.toMap

  protected def rows(frame: DataFrame): Seq[Row] = frame.collect().toSeq

  /** A folder with some files of data/market and their entries in the manifest. */
  protected def marketFolder(folder: Path, names: String*): Path = {
    val mapper = new ObjectMapper
    val root = mapper.createObjectNode()
    val files = root.putArray("files")
    manifest.filter(entry => names.contains(entry.get("file").asText)).foreach { entry =>
      files.add(entry)
      Files.copy(market.resolve(entry.get("file").asText), folder.resolve(entry.get("file").asText))
    }
    Files.writeString(folder.resolve("MANIFEST.json"), root.toString)
    folder
  }

  protected lazy val manifest: Seq[JsonNode] =
    new ObjectMapper()
      .readTree(market.resolve("MANIFEST.json").toFile)
      .get("files")
      .elements
      .asScala
      .toSeq

  /** Writes lines, gzipped if the name says so. */
  protected def write(file: Path, lines: Seq[String]): Path = {
    val stream = Files.newOutputStream(file)
    val out = if (file.toString.endsWith(".gz")) new GZIPOutputStream(stream) else stream
    try out.write(lines.map(_ + "\n").mkString.getBytes(UTF_8))
    finally out.close()
    file
  }

  private val kafkaColumns = StructType.fromDDL(
    """key BINARY, value BINARY, topic STRING, partition INT, offset BIGINT, timestamp TIMESTAMP,
      |timestampType INT, headers ARRAY<STRUCT<key: STRING, value: BINARY>>""".stripMargin
  )

  /** Records as Spark's Kafka source gives them, from an offset on. */
  protected def kafka(values: Seq[String], from: Long = 0): DataFrame = {
    val received = Timestamp.from(Instant.parse("2024-03-05T00:00:00Z"))
    val rows = values.zipWithIndex.map { case (value, place) =>
      val bytes = Option(value).map(_.getBytes(UTF_8)).orNull
      Row("ABC".getBytes(UTF_8), bytes, "data_stock", 0, from + place, received, 0, null)
    }
    spark.createDataFrame(rows.asJava, kafkaColumns)
  }

  /** A quote of an instrument that needs no reference. */
  protected def quote(ts: String, close: Double, more: String = ""): String =
    s"""{"symbol":"ABC","region":"EU","asset_class":"equity","ts":"$ts","open":10,"high":20,""" +
      s""""low":5,"close":$close,"source":"test"$more}"""
}
