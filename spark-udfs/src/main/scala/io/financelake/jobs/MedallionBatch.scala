package io.financelake.jobs

import java.io.PrintStream

import io.financelake.lake._
import org.apache.spark.sql.streaming.Trigger

/** Brings what Kafka has now through all layers of a lake, and ends. */
object MedallionBatch
    extends Job(
      "Brings the records that Kafka has now through Bronze, Silver and Gold, and ends."
    ) {
  import Job.{number, seconds}

  private val to = JobOption(
    "--to",
    "LAYER",
    "the last layer that is brought up to date: bronze, silver or gold; default: gold"
  )

  protected val options: Seq[JobOption] = Medallion.options :+ to

  /** The tables below Bronze, down to a layer. */
  private def below(layer: String): Seq[Layout] = layer match {
    case "bronze" => Seq.empty
    case "silver" => Layout.silverTables
    case "gold"   => Layout.silverTables ++ Layout.goldTables
    case other    => throw new WrongArguments(s"${to.name} $other: write bronze, silver or gold")
  }

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val plan = new Medallion.Plan(arguments, Job.hadoop, out)
    val layouts = below(arguments.get(to).getOrElse("gold"))
    val lake = new Lake(open.session(arguments.has(Medallion.register)), plan.folder)
    out.println(s"${plan.description}, Spark ${lake.spark.version} after ${seconds(start)}")
    var records = 0L
    plan.source(lake).foreach { source =>
      def report(outcome: Outcome, took: Double): Unit = synchronized {
        if (outcome.committed) {
          records += outcome.rowsIn
          out.println(Commits.line(outcome, took))
        }
      }
      val queries = Medallion.started(source.start(Trigger.AvailableNow(), report))
      queries.foreach(_.awaitTermination())
    }
    val summary = new ImportSummary(out, 0)
    val outcomes = layouts.map { layout =>
      summary.step(layout)(lake.refresh(layout))(identity)
    }
    if (arguments.has(Medallion.register)) lake.register()
    out.println(
      s"${number(records)} records taken in, ${outcomes.count(_.committed)} tables of Silver and Gold " +
        s"changed, ${seconds(start)}"
    )
  }
}
