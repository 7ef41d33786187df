package io.financelake.jobs

import java.io.PrintStream
import java.util.concurrent.TimeUnit

import io.financelake.lake._
import org.apache.spark.sql.streaming.{StreamingQuery, Trigger}

/** Brings Kafka's records through all layers of a lake as they come, until it is told to stop. */
object MedallionStream
    extends Job(
      "Brings Kafka's records through Bronze, Silver and Gold as they come, until SIGTERM."
    ) {
  import Job.{number, seconds}

  private val trigger =
    JobOption("--trigger", "SECONDS", "time between two batches of Kafka; default: 2")
  private val metrics = JobOption("--metrics", "HOST:PORT", "answer Prometheus at this address")
  private val keepEvery = JobOption(
    "--metrics-every",
    "SECONDS",
    "time between two entries of the lake's table _metrics; default: 60"
  )
  private val grace =
    JobOption("--grace", "SECONDS", "how long a stop waits for running commits; default: 60")

  protected val options: Seq[JobOption] =
    Medallion.options ++ Seq(trigger, metrics, keepEvery, grace)

  protected def run(arguments: Arguments.Parsed, out: PrintStream, open: Job.Open): Unit = {
    val start = System.nanoTime()
    val plan = new Medallion.Plan(arguments, Job.hadoop, out)
    val every = Medallion.positive(arguments, trigger, 2)
    val patience = Medallion.positive(arguments, grace, 60)
    val keep = Medallion.positive(arguments, keepEvery, 60) * 1000000000L
    val commits = new Commits(out)
    val endpoint = arguments.get(metrics).map(new MetricsEndpoint(_, commits))
    val termination = new Termination(patience)
    try {
      val lake = new Lake(open.session(arguments.has(Medallion.register)), plan.folder)
      out.println(s"${plan.description}, Spark ${lake.spark.version} after ${seconds(start)}")
      val layers = Seq("silver" -> Layout.silverTables, "gold" -> Layout.goldTables).map {
        case (name, layouts) => new Layer(name, lake.apart, layouts, 500, commits.add)
      }
      val queries = plan
        .source(lake)
        .fold(Seq.empty[StreamingQuery]) { source =>
          val batches = Trigger.ProcessingTime(every, TimeUnit.SECONDS)
          Medallion.started(source.start(batches, commits.add))
        }
      commits.watch(queries)
      val kept = new MetricsTable(lake.apart, commits, out)
      layers.foreach(_.start())
      out.println("ready")
      var due = System.nanoTime() + keep
      var registered = !arguments.has(Medallion.register)
      try
        while (!termination.within(1)) {
          queries.flatMap(query => query.exception).foreach(failure => throw failure)
          layers.flatMap(_.failure).foreach(failure => throw failure)
          queries.find(!_.isActive).foreach { ended =>
            throw new IllegalStateException(s"the query ${ended.name} has ended")
          }
          if (System.nanoTime() >= due) {
            kept.write()
            due = System.nanoTime() + keep
          }
          // The tables appear one after the other; all of them are made known once.
          if (!registered && lake.tables.forall(_.exists)) {
            lake.register()
            registered = true
          }
        }
      finally {
        out.println("stopping")
        // The rest of the time is for the last entry of the metrics.
        end(queries, layers, patience * 750)
        kept.write()
      }
      out.println(s"stopped after ${number(commits.count)} commits, ${seconds(start)}")
    } finally {
      endpoint.foreach(_.close())
      termination.close()
    }
  }

  /** Lets what is running commit, the layers from above, within a time. */
  private def end(queries: Seq[StreamingQuery], layers: Seq[Layer], patience: Long): Unit = {
    val until = System.nanoTime() + patience * 1000000
    def left: Long = (until - System.nanoTime()) / 1000000
    queries.foreach { query =>
      while (query.isActive && query.status.isTriggerActive && left > patience / 2) Thread.sleep(50)
      query.stop()
    }
    layers.foreach(_.stop(left))
  }
}
