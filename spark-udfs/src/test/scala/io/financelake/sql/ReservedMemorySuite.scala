package io.financelake.sql

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanHelper

import io.financelake.SparkSuite
import io.financelake.jni.NativeLibrary

/** Long periods keep long histories outside the heap; Spark's memory manager knows of them. */
class ReservedMemorySuite extends SparkSuite with AdaptiveSparkPlanHelper {

  /** Deviations over windows of about 100,000 rows, all different so that nothing is shared. */
  private def query(functions: Int): DataFrame = {
    val calls = (1 to functions).map(i => s"ta_bbands(x * $i, ${100000 - i}) OVER w AS b$i")
    spark.sql(
      s"SELECT id, ${calls.mkString(", ")} FROM (SELECT id, CAST(id % 7 AS DOUBLE) AS x FROM " +
        "range(0, 100, 1, 1)) WINDOW w AS (ORDER BY id)"
    )
  }

  test("histories above the limit are reserved and counted") {
    val long = query(12)
    assert(long.collect().forall(row => (1 to 12).forall(row.isNullAt)))
    val size = collect(long.queryExecution.executedPlan) { case node: IndicatorWindowExec =>
      node.metrics("bufferSize").value
    }.head
    assert(size > (16 << 20), size)
    assert(NativeLibrary.liveHandles() == 0)
  }

  test("what the memory manager does not grant is refused with what to do about it") {
    val failure = intercept[Exception](query(400).collect())
    val causes = Iterator.iterate[Throwable](failure)(_.getCause).takeWhile(_ != null)
    val message = causes.map(_.getMessage).find(_.contains("keep")).getOrElse(failure.toString)
    assert(message.contains("use shorter periods") && message.contains("MiB"), message)
    assert(NativeLibrary.liveHandles() == 0)
  }
}
