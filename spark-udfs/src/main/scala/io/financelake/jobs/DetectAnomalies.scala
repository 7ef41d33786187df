package io.financelake.jobs

import java.io.PrintStream

import io.financelake.jni.NativeAnomalies
import io.financelake.lake._
import org.apache.hadoop.fs.Path

/** Finds bars that stand out of those before them, in all Silver tables, into `gold/anomalies`. */
object DetectAnomalies extends Job("Finds bars of a lake that stand out of those before them.") {
  import Job.{number, seconds}

  private val lakePath = JobOption("--lake", "PATH", "folder of the lake", required = true)
  private val thresholds = JobOption(
    "--thresholds",
    "JSON",
    "other thresholds than those of the asset class, such as {\"returns\":10}"
  )

  protected val options: Seq[JobOption] = Seq(lakePath, thresholds) ++ Follow.options

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
    val anomalies = new Anomalies(lake, replaced)
    if (arguments.has(Follow.stream)) Follow.run(arguments, out)(() => anomalies.refresh())
    else {
      anomalies.refresh()
      summary(table, out, start)
    }
  }

  private def summary(table: LakeTable, out: PrintStream, start: Long): Unit = {
    val kinds = table.rows.groupBy("kind").count().orderBy("kind").collect()
    val counts = kinds.map(row => s"${row.getString(0)} ${number(row.getLong(1))}").mkString(", ")
    out.println(
      s"found ${number(kinds.map(_.getLong(1)).sum)} anomalies ($counts), ${table.layout.name} version " +
        s"${table.version}, ${seconds(start)}"
    )
  }
}
