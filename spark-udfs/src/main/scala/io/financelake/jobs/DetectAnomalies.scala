package io.financelake.jobs

import java.io.PrintStream

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.ObjectMapper
import io.financelake.jni.NativeAnomalies
import io.financelake.lake._
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.{DataFrame, Encoders, Row}
import org.apache.spark.sql.functions._

/** Finds bars that stand out of those before them, in all Silver tables, into `gold/anomalies`. */
object DetectAnomalies extends Job("Finds bars of a lake that stand out of those before them.") {
  import Job.{number, seconds}

  private val lakePath = JobOption("--lake", "PATH", "folder of the lake", required = true)
  private val thresholds = JobOption(
    "--thresholds",
    "JSON",
    "other thresholds than those of the asset class, such as {\"returns\":10}"
  )

  protected val options: Seq[JobOption] = Seq(lakePath, thresholds)

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val replaced = arguments.get(thresholds).getOrElse("{}")
    // Refuses thresholds that cannot be before Spark starts.
    NativeAnomalies.find("equity", replaced, Array.empty, Array.empty, Array.empty)
    val lake = new Lake(open.session(metastore = false), new Path(arguments(lakePath)))
    val sources = Layout.silverTables.map(lake.table).filter(_.exists)
    if (sources.isEmpty)
      throw new WrongArguments(
        s"--lake ${arguments(lakePath)} has no Silver table; import something first"
      )
    val table = lake.table(Layout.goldAnomalies)
    val found = detect(sources.map(_.rows).reduce(_ unionByName _), replaced)
    table.replace(found, None, Marker("financelake:anomalies", Job.now()))
    val kinds = table.rows.groupBy("kind").count().orderBy("kind").collect()
    val counts = kinds.map(row => s"${row.getString(0)} ${number(row.getLong(1))}").mkString(", ")
    out.println(
      s"found ${number(kinds.map(_.getLong(1)).sum)} anomalies ($counts), ${table.layout.name} version " +
        s"${table.version}, ${seconds(start)}"
    )
  }

  private def detect(silver: DataFrame, replaced: String): DataFrame = {
    val schema = Layout.goldAnomalies.schema
    silver
      .select(
        col("series"),
        col("ts"),
        col("seq"),
        col("asset_class"),
        unix_micros(col("ts")),
        col("close"),
        col("volume")
      )
      .repartition(col("series"))
      .sortWithinPartitions("series", "ts", "seq")
      .mapPartitions(rows => BySeries.flatMap(rows)(ofSeries(_, replaced)))(
        Encoders.row(schema)
      )
  }

  private def ofSeries(bars: Seq[Row], replaced: String): Iterator[Row] = {
    def doubles(column: Int): Array[Double] =
      bars.map(row => if (row.isNullAt(column)) Double.NaN else row.getDouble(column)).toArray
    val json = NativeAnomalies.find(
      bars.head.getString(3),
      replaced,
      bars.map(_.getLong(4)).toArray,
      doubles(5),
      doubles(6)
    )
    val now = java.sql.Timestamp.from(java.time.Instant.now())
    new ObjectMapper().readTree(json).elements.asScala.map { found =>
      val bar = bars(found.path("row").asInt)
      val numbers = Seq("value", "expected", "score", "threshold").map(found.path(_).asDouble)
      Row.fromSeq(
        Seq(bar.getString(0), bar.get(1), found.path("kind").asText) ++ numbers ++
          Seq(found.path("explanation").asText, now)
      )
    }
  }
}
