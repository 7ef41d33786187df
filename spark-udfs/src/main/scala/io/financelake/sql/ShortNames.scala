package io.financelake.sql

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction
import org.apache.spark.sql.catalyst.expressions.{Expression, WindowExpression}
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan
import org.apache.spark.sql.catalyst.rules.Rule

/** Reads `rsi(close, 14) OVER w` as `ta_rsi(close, 14) OVER w`, where nobody else has a function `rsi`.
  *
  * The short names are not registered as functions, since Spark prefers what an extension registered to
  * a user's own function of that name, or refuses the user's. The rule is one of those that run before
  * Spark looks names up.
  */
final case class ShortNames(session: SparkSession) extends Rule[LogicalPlan] {

  override def apply(plan: LogicalPlan): LogicalPlan =
    plan.transformAllExpressions { case window @ WindowExpression(call: UnresolvedFunction, spec) =>
      indicator(call).fold(window)(WindowExpression(_, spec))
    }

  /** What the call means, if it is a plain one and the name is free. */
  private def indicator(call: UnresolvedFunction): Option[Expression] =
    for {
      definition <- call.nameParts match {
        case Seq(name) => ShortNames.definitions.get(name.toLowerCase(java.util.Locale.ROOT))
        case _         => None
      }
      if !ShortNames.isMarked(call) && call.filter.isEmpty
      if !session.catalog.functionExists(definition.name)
    } yield IndicatorFunction.build(definition, call.arguments)
}

object ShortNames {

  /** Whether it says DISTINCT or IGNORE NULLS: these fields have other types in other releases of Spark. */
  private def isMarked(call: UnresolvedFunction): Boolean =
    call.productIterator.exists(field => field == true || field == Some(true))

  private val definitions =
    IndicatorDefinition.all.filter(_.short).map(definition => definition.name -> definition).toMap
}
