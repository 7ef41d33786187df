package io.financelake.sql

import java.util.concurrent.{CountDownLatch, Executors, TimeUnit}

import scala.concurrent.{Await, ExecutionContext, Future}
import scala.concurrent.duration._

import org.apache.spark.{SparkException, TaskKilledException}
import org.scalatest.concurrent.Eventually

import io.financelake.SparkSuite
import io.financelake.jni.NativeLibrary

/** Whatever ends a task, it leaves no native object. */
class FailedJobsSuite extends SparkSuite with Eventually {

  implicit override val patienceConfig: PatienceConfig = PatienceConfig(30.seconds, 20.milliseconds)

  private def requireNothingLeft(): Unit = eventually(assert(NativeLibrary.liveHandles() == 0))

  test("a job that is cancelled inside a long group") {
    val thread = Executors.newSingleThreadExecutor()
    implicit val context: ExecutionContext = ExecutionContext.fromExecutorService(thread)
    try {
      val job = Future {
        spark.sparkContext.setJobGroup(
          "to-cancel",
          "a group without an end",
          interruptOnCancel = false
        )
        // One ordered partition: rows reach the operator at once, and the group never ends.
        spark
          .range(0, Long.MaxValue, 1, 1)
          .selectExpr("ta_macd(CAST(id AS DOUBLE)) OVER (ORDER BY id) AS macd")
          .write
          .format("noop")
          .mode("overwrite")
          .save()
      }
      eventually(assert(NativeLibrary.liveHandles() > 0))
      spark.sparkContext.cancelJobGroup("to-cancel")
      val error = intercept[SparkException](Await.result(job, 30.seconds))
      assert(messages(error).contains("cancelled"))
      requireNothingLeft()
    } finally thread.shutdownNow()
  }

  test("an error of the rows below, and one of what stands above") {
    def runs(sql: String): String = {
      val error = intercept[Exception](spark.sql(sql).collect())
      requireNothingLeft()
      messages(error)
    }
    val below = "IF(id = 20000, raise_error('on purpose'), CAST(id AS DOUBLE))"
    assert(
      runs(s"SELECT ta_sma($below, 5) OVER (ORDER BY id) FROM range(0, 30000, 1, 1)").contains(
        "on purpose"
      )
    )
    assert(
      runs(
        """SELECT IF(sma > 20000, raise_error('on purpose'), sma) FROM (
          |  SELECT ta_sma(id, 5) OVER (PARTITION BY id % 3 ORDER BY id) AS sma
          |  FROM range(30000))""".stripMargin
      ).contains("on purpose")
    )
  }

  test("rows that nobody takes any more") {
    val query = spark
      .range(0, 100000, 1, 1)
      .selectExpr("id", "ta_sma(id, 2) OVER (ORDER BY id) AS sma")
    assert(query.limit(3).collect().map(_.getLong(0)).toSeq == Seq(0, 1, 2))
    assert(query.take(2).length == 2 && query.head().isNullAt(1))
    requireNothingLeft()
    val rows = query.toLocalIterator()
    assert(rows.next().getLong(0) == 0)
    requireNothingLeft()
  }

  test("many short tasks") {
    for (_ <- 1 to 5)
      spark
        .sql("SELECT ta_rsi(id) OVER (PARTITION BY id % 50 ORDER BY id) FROM range(2000)")
        .collect()
    requireNothingLeft()
  }

  test("a thread that goes on reading after its task has ended") {
    val query = spark
      .range(0, 100000, 1, 1)
      .selectExpr("ta_sma(id, 2) OVER (ORDER BY id) AS sma")
    // As TRANSFORM does it, which feeds its script from a thread of its own.
    val left = query.queryExecution.toRdd.mapPartitions { rows =>
      Straggler.startWith(rows)
      Iterator.empty
    }
    assert(left.count() == 0)
    val (taken, end) = Straggler.readOn()
    assert(taken <= 8192 && end.exists(_.isInstanceOf[TaskKilledException]))
    requireNothingLeft()
  }

  private def messages(error: Throwable): String =
    Iterator.iterate(error)(_.getCause).takeWhile(_ != null).map(_.getMessage).mkString("\n")
}

/** A thread that takes one row of a task, waits until the task has ended, and wants all the others. */
private object Straggler {
  private val (first, go) = (new CountDownLatch(1), new CountDownLatch(1))
  @volatile private var thread: Thread = _
  @volatile private var taken = 0
  @volatile private var end: Option[Throwable] = None

  def startWith(rows: Iterator[_]): Unit = {
    def takeOne(): Boolean = rows.hasNext && { rows.next(); taken += 1; true }
    thread = new Thread(() =>
      try {
        takeOne()
        first.countDown()
        go.await()
        while (takeOne()) {}
      } catch { case error: Throwable => end = Some(error) }
    )
    thread.start()
    assert(first.await(30, TimeUnit.SECONDS))
  }

  /** How many rows it got in all, and what it ended with. */
  def readOn(): (Int, Option[Throwable]) = {
    go.countDown()
    thread.join(30000)
    (taken, end)
  }
}
