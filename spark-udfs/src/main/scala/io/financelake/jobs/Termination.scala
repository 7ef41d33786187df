package io.financelake.jobs

import java.util.concurrent.{CountDownLatch, TimeUnit}

import org.apache.hadoop.util.ShutdownHookManager

/** SIGTERM, which a job that runs until then waits for: from that moment the JVM stays until the job is closed, at most
  * `patience` seconds, and Spark with it.
  */
final private[jobs] class Termination(patience: Long) extends AutoCloseable {
  private val (asked, closed) = (new CountDownLatch(1), new CountDownLatch(1))

  ShutdownHookManager.get.addShutdownHook(
    () => {
      asked.countDown()
      closed.await(patience, TimeUnit.SECONDS)
    },
    Termination.BeforeSpark,
    patience + 10,
    TimeUnit.SECONDS
  )

  def isAsked: Boolean = asked.getCount == 0

  /** Waits for it so many seconds; whether it came. */
  def within(seconds: Long): Boolean = asked.await(seconds, TimeUnit.SECONDS)

  /** Lets the JVM end. */
  def close(): Unit = closed.countDown()
}

private object Termination {

  /** Before Spark's own hook, which ends everything that runs. */
  val BeforeSpark = 100
}
