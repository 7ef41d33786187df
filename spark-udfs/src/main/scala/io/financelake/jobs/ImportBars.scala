package io.financelake.jobs

import java.io.PrintStream

import io.financelake.jni.{InvalidArgumentException, NativeRecords}
import io.financelake.lake._
import io.financelake.market._
import org.apache.hadoop.fs.Path

/** Imports files of market records into the Bronze, Silver and Gold tables of a lake. */
object ImportBars
    extends Job("Imports files of market records into a lake's Bronze, Silver and Gold tables.") {
  import Job.seconds

  private val source =
    JobOption("--source", "PATH", "folder with a MANIFEST.json, or a file", required = true)
  private val lakePath = JobOption("--lake", "PATH", "folder of the lake", required = true)
  private val referencePath = JobOption(
    "--reference",
    "FILE",
    "instruments reference; default: reference/instruments.csv beside the source, if it is there"
  )
  private val register =
    JobOption("--register", "", "make the tables known as bronze.*, silver.*, gold.*")

  protected val options: Seq[JobOption] = Seq(source, lakePath, referencePath, register)

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val hadoop = Job.hadoop
    val files = Job.found("--source", arguments(source)) {
      SourceFolder.files(new Path(arguments(source)), hadoop)
    }
    val beside =
      new Path(new Path(files.head.location).getParent.getParent, "reference/instruments.csv")
    val reference = Reference.read(arguments.get(referencePath), Some(beside), hadoop, out)
    checkSettings(files)
    val digests = files.map(file => file -> file.digest(hadoop))
    digests.foreach { case (file, digest) =>
      if (file.declaredDigest.exists(_ != digest))
        out.println(s"  note: ${file.name} is not the file that its manifest describes (SHA-256)")
    }

    val lake = new Lake(open.session(arguments.has(register)), new Path(arguments(lakePath)))
    out.println(s"Spark ${lake.spark.version} after ${seconds(start)}")
    val received = Job.now()
    val summary = new ImportSummary(out, files.size)
    val bronze = new Bronze(lake, reference)
    val selection = bronze.select(digests)
    for (layout <- Layout.bronzeTables) summary.step(layout) {
      val outcome = bronze.take(layout, selection, received, new FileProgress(summary.file))
      if (outcome.committed) summary.received(bronze.counts(layout, received))
      outcome
    }(identity)
    for (layout <- Layout.silverTables ++ Layout.goldTables)
      summary.step(layout)(lake.refresh(layout))(identity)
    if (arguments.has(register)) {
      lake.register()
      out.println(
        "registered in spark_catalog: " + lake.tables.map(_.layout.sqlName).mkString(", ")
      )
    }
    summary.print(seconds(start))
  }

  /** Says which file's declaration cannot be used, before anything is read. */
  private def checkSettings(files: Seq[SourceFile]): Unit =
    files.foreach { file =>
      try NativeRecords.open(file.settings.withReference("")).close()
      catch {
        case wrong: InvalidArgumentException =>
          throw new BrokenFile(file.location, s"its manifest's entry: ${wrong.getMessage}", wrong)
      }
    }
}
