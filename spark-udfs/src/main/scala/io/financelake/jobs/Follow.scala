package io.financelake.jobs

import java.io.PrintStream

import scala.util.Using

import io.financelake.lake.Outcome

/** A job that keeps a table up to date with Silver until it is told to stop. It ends between two commits; killed, it
  * goes on where its table is.
  */
private[jobs] object Follow {

  val stream: JobOption =
    JobOption("--stream", "", "go on with what changes in Silver, until SIGTERM")
  val trigger: JobOption =
    JobOption("--trigger", "SECONDS", "how often to look for changes; default: 2")
  val options: Seq[JobOption] = Seq(stream, trigger)

  /** How many seconds a stop waits for a running commit. */
  private val Patience = 60L

  /** Runs a step until SIGTERM, at once again after one that committed. */
  def run(arguments: Arguments.Parsed, out: PrintStream)(step: () => Outcome): Unit = {
    val begun = System.nanoTime()
    val pause = Medallion.positive(arguments, trigger, 2)
    val commits = new Commits(out)
    Using.resource(new Termination(Patience)) { termination =>
      out.println("ready")
      while (!termination.isAsked) {
        val start = System.nanoTime()
        val outcome = step()
        commits.add(outcome, (System.nanoTime() - start) / 1e9)
        if (!outcome.committed) termination.within(pause)
      }
      out.println(s"stopped after ${Job.number(commits.count)} commits, ${Job.seconds(begun)}")
    }
  }
}
