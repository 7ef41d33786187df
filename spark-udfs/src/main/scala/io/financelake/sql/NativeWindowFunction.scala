package io.financelake.sql

import org.apache.spark.SparkException
import org.apache.spark.sql.catalyst.expressions.{
  AggregateWindowFunction,
  AttributeReference,
  Expression
}

/** A window function that [[IndicatorWindowExec]] computes: an indicator, or a trend model.
  *
  * Its frame, from the first row of the group to the current one, is a promise that Spark's optimiser relies
  * on: it never looks ahead. It is not evaluated as an aggregate.
  */
trait NativeWindowFunction extends AggregateWindowFunction {

  /** What is read of each row, as numbers. */
  def inputs: Seq[Expression]

  // The operator has no aggregation buffer.
  override val aggBufferAttributes: Seq[AttributeReference] = Nil
  override val initialValues: Seq[Expression] = Nil
  override lazy val updateExpressions: Seq[Expression] = notPlanned
  override lazy val evaluateExpression: Expression = notPlanned

  private def notPlanned: Nothing = throw SparkException.internalError(
    s"$prettyName reached an operator of Spark's; FinanceLake's planner strategy did not run. " +
      "Is another extension planning window functions?"
  )
}
