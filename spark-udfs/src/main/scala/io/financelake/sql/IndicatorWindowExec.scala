package io.financelake.sql

import org.apache.spark.TaskContext
import org.apache.spark.rdd.RDD
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{
  Alias,
  Expression,
  NamedExpression,
  SortOrder,
  WindowExpression
}
import org.apache.spark.sql.execution.SparkPlan
import org.apache.spark.sql.execution.metric.{SQLMetric, SQLMetrics}
import org.apache.spark.sql.execution.window.WindowExecBase

/** Computes indicators and trend models over sorted rows.
  *
  * Rows stream through in bounded batches and all functions of a batch are one native call. The native
  * state goes on from batch to batch and starts anew with each group, so memory is that of one batch,
  * whatever a group's size, and results do not depend on where batches end.
  */
case class IndicatorWindowExec(
    windowExpression: Seq[NamedExpression],
    partitionSpec: Seq[Expression],
    orderSpec: Seq[SortOrder],
    child: SparkPlan
) extends WindowExecBase {

  override def nodeName: String = "IndicatorWindow"

  override lazy val metrics: Map[String, SQLMetric] = Map(
    "numOutputRows" -> SQLMetrics.createMetric(sparkContext, "number of output rows"),
    "numGroups" -> SQLMetrics.createMetric(sparkContext, "number of groups"),
    "nativeTime" -> SQLMetrics.createNanoTimingMetric(sparkContext, "time in native code"),
    "bufferSize" -> SQLMetrics.createSizeMetric(sparkContext, "buffer size")
  )

  private def functions: Seq[NativeWindowFunction] = windowExpression.collect {
    case Alias(WindowExpression(function: NativeWindowFunction, _), _) => function
  }

  override protected def doExecute(): RDD[InternalRow] = {
    val work = IndicatorWork(
      IndicatorProgram.of(functions),
      partitionSpec,
      child.output,
      Settings.batchRows(conf)
    )
    val counters = IndicatorCounters(
      rows = longMetric("numOutputRows"),
      groups = longMetric("numGroups"),
      nativeTime = longMetric("nativeTime"),
      bufferSize = longMetric("bufferSize")
    )
    child.execute().mapPartitionsWithIndex { (index, rows) =>
      if (rows.hasNext) new IndicatorIterator(rows, work, counters, index, TaskContext.get())
      else Iterator.empty
    }
  }

  override protected def withNewChildInternal(newChild: SparkPlan): IndicatorWindowExec =
    copy(child = newChild)
}
