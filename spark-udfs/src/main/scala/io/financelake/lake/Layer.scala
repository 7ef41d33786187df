package io.financelake.lake

import java.util.concurrent.{CountDownLatch, TimeUnit}

import org.apache.spark.sql.SparkSession

/** Keeps the tables of a layer up to date with the layer above until it is told to stop.
  *
  * How far a table has come is in its own log, so there is no checkpoint that could be lost or disagree,
  * and the work is that of a batch job: a layer that was killed goes on where its tables are.
  *
  * @param lake
  *   with a session of its own
  * @param pause
  *   milliseconds before it looks again when nothing was new
  * @param report
  *   is told of each commit, with its seconds
  */
final class Layer(
    name: String,
    lake: Lake,
    layouts: Seq[Layout],
    pause: Long,
    report: (Outcome, Double) => Unit
) {
  private val stopping = new CountDownLatch(1)
  @volatile private var failed: Option[Throwable] = None
  private val thread = new Thread(() => run(), s"financelake $name")
  thread.setDaemon(true)

  def start(): Unit = thread.start()

  /** What ended it before it was told to. */
  def failure: Option[Throwable] = failed

  /** Ends it after the commit that it is working on; false if that takes longer than a time. */
  def stop(milliseconds: Long): Boolean = {
    stopping.countDown()
    thread.join(milliseconds.max(1))
    !thread.isAlive
  }

  private def run(): Unit =
    try {
      // What Delta reads belongs to the active session, and a commit's marks are that session's settings.
      SparkSession.setActiveSession(lake.spark)
      while (stopping.getCount > 0) {
        val committed = layouts.map { layout =>
          stopping.getCount > 0 && {
            val start = System.nanoTime()
            val outcome = lake.refresh(layout)
            if (outcome.committed) report(outcome, (System.nanoTime() - start) / 1e9)
            outcome.committed
          }
        }
        if (!committed.contains(true)) stopping.await(pause, TimeUnit.MILLISECONDS)
      }
    } catch { case failure: Throwable => failed = Some(failure) }
}
