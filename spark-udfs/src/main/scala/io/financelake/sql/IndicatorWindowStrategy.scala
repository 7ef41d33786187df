package io.financelake.sql

import org.apache.spark.sql.catalyst.expressions.{Alias, NamedExpression, WindowExpression}
import org.apache.spark.sql.catalyst.expressions.WindowFunctionType
import org.apache.spark.sql.catalyst.planning.PhysicalWindow
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.execution.{ProjectExec, SparkPlan, SparkStrategy}
import org.apache.spark.sql.execution.window.WindowExec

/** Plans windows that contain indicators or trend models.
  *
  * Spark puts all functions over one window specification into one logical node, its own and ours.
  * That node becomes two operators over the same sorted rows: Spark's below, ours above, and a
  * projection that restores the order of columns which the node promised. Without the projection
  * the rows would be read by position and silently give wrong columns.
  */
object IndicatorWindowStrategy extends SparkStrategy {

  override def apply(plan: LogicalPlan): Seq[SparkPlan] = plan match {
    case PhysicalWindow(WindowFunctionType.SQL, functions, partitionSpec, orderSpec, child)
        if functions.exists(isOurs) =>
      val (ours, sparks) = functions.partition(isOurs)
      if (sparks.isEmpty) {
        IndicatorWindowExec(ours, partitionSpec, orderSpec, planLater(child)) :: Nil
      } else {
        val below = WindowExec(sparks, partitionSpec, orderSpec, planLater(child))
        val both = IndicatorWindowExec(ours, partitionSpec, orderSpec, below)
        ProjectExec(plan.output, both) :: Nil
      }
    case _ => Nil
  }

  private def isOurs(expression: NamedExpression): Boolean = expression match {
    case Alias(WindowExpression(_: NativeWindowFunction, _), _) => true
    case _                                                      => false
  }
}
