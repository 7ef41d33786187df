package io.financelake.sql

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.catalyst.expressions.{Alias, WindowExpression}
import org.apache.spark.sql.execution.adaptive.AdaptiveSparkPlanHelper

import io.financelake.SparkSuite

/** What the operator asks of the native library, and what its metrics tell. */
class OperatorSuite extends SparkSuite with AdaptiveSparkPlanHelper {

  private def operators(query: DataFrame): Seq[IndicatorWindowExec] =
    collect(query.queryExecution.executedPlan) { case operator: IndicatorWindowExec => operator }

  private def programs(sql: String): Seq[IndicatorProgram] =
    operators(spark.sql(sql)).map { operator =>
      IndicatorProgram.of(operator.windowExpression.collect {
        case Alias(WindowExpression(function: IndicatorFunction, _), _) => function
      })
    }

  private def calls(program: IndicatorProgram): Int =
    "\"function\"".r.findAllIn(program.request).size

  private val prices =
    "(SELECT id AS ts, id % 3 AS symbol, CAST(id AS DOUBLE) AS close FROM range(10))"

  test("equal calls are one call, equal inputs one column") {
    val program = programs(
      s"""SELECT (ta_macd(close) OVER w).hist, (ta_macd(close) OVER w).signal,
         |  ta_macd(close, 12) OVER w, ta_rsi(close + 1) OVER w, ta_rsi(1 + close) OVER w,
         |  ta_rsi(close + 1, 15) OVER w
         |FROM $prices WINDOW w AS (PARTITION BY symbol ORDER BY ts)""".stripMargin
    ).head
    assert(program.inputs.size == 2)
    // macd(close) and macd(close, 12) are two calls, since different parameters were written.
    assert(calls(program) == 4)
    assert(program.results.map(_.firstOutput).distinct.size == 4)
  }

  test("every column and every window has its own place") {
    val both = programs(
      s"""SELECT ta_sma(close, 2) OVER w, ta_obv(close, ts) OVER w,
         |  ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts DESC)
         |FROM $prices WINDOW w AS (PARTITION BY symbol ORDER BY ts)""".stripMargin
    )
    assert(both.map(program => (program.inputs.size, calls(program))).toSet == Set((2, 2), (1, 1)))
  }

  test("memory of the operator does not grow with the group") {
    def metrics(rows: Int): (Map[String, Long], Int) = {
      val query = spark
        .range(0, rows.toLong, 1, 1)
        .selectExpr(
          "id DIV 1000000 AS one",
          "id",
          "ta_bbands(CAST(id AS DOUBLE)) OVER (ORDER BY id) AS bands"
        )
      val collected = query.collect()
      val operator = operators(query).head
      (operator.metrics.map { case (name, metric) => name -> metric.value }, collected.length)
    }
    val (small, smallRows) = metrics(20000)
    val (large, largeRows) = metrics(400000)
    assert(smallRows == 20000 && largeRows == 400000)
    assert(small("numOutputRows") == 20000 && large("numOutputRows") == 400000)
    assert(small("numGroups") == 1 && large("numGroups") == 1)
    assert(large("bufferSize") == small("bufferSize"))
    assert(large("bufferSize") > 0 && large("bufferSize") < (16L << 20))
    assert(large("nativeTime") > 0)
  }

  test("groups are counted over all partitions") {
    val query =
      spark.sql(s"SELECT ta_sma(close, 2) OVER (PARTITION BY symbol ORDER BY ts) FROM $prices")
    query.collect()
    assert(operators(query).map(_.metrics("numGroups").value) == Seq(3))
  }
}
