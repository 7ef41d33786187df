package io.financelake.jobs

import java.io.PrintStream
import java.util.concurrent.{CountDownLatch, TimeUnit}

import io.financelake.lake.Outcome
import org.apache.hadoop.util.ShutdownHookManager

/** A job that keeps a table up to date with Silver until it is told to stop. It ends between two commits; killed, it
  * goes on where its table is.
  */
private[jobs] object Follow {

  val stream: JobOption =
    JobOption("--stream", "", "go on with what changes in Silver, until SIGTERM")
  val trigger: JobOption =
    JobOption("--trigger", "SECONDS", "how often to look for changes; default: 2")
  val options: Seq[JobOption] = Seq(stream, trigger)

  /** How long a stop waits for a running commit, and before which of Spark's own hooks. */
  private val Patience = 60L
  private val BeforeSpark = 100

  /** Runs a step until SIGTERM, at once again after one that committed. */
  def run(arguments: Arguments.Parsed, out: PrintStream)(step: () => Outcome): Unit = {
    val begun = System.nanoTime()
    val pause = Medallion.positive(arguments, trigger, 2)
    val commits = new Commits(out)
    val (stop, done) = (new CountDownLatch(1), new CountDownLatch(1))
    ShutdownHookManager.get.addShutdownHook(
      () => {
        stop.countDown()
        done.await(Patience, TimeUnit.SECONDS)
      },
      BeforeSpark,
      Patience + 10,
      TimeUnit.SECONDS
    )
    try {
      out.println("ready")
      while (stop.getCount > 0) {
        val start = System.nanoTime()
        val outcome = step()
        commits.add(outcome, (System.nanoTime() - start) / 1e9)
        if (!outcome.committed) stop.await(pause, TimeUnit.SECONDS)
      }
      out.println(s"stopped after ${Job.number(commits.count)} commits, ${Job.seconds(begun)}")
    } finally done.countDown()
  }
}
