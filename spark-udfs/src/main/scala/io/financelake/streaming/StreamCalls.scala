package io.financelake.streaming

import java.util.Collections

import org.apache.spark.sql.{DataFrame, Row}
import org.apache.spark.sql.catalyst.expressions.{
  Alias,
  Attribute,
  AttributeReference,
  Expression,
  ExprId,
  WindowExpression
}
import org.apache.spark.sql.catalyst.parser.ParseException
import org.apache.spark.sql.catalyst.plans.logical.{LocalRelation, LogicalPlan, Project, Window}

import io.financelake.sql.IndicatorFunction

/** The calls of a stream as Spark's own analyser understands them.
  *
  * A window over the stream is refused by Spark, but one over an empty table with the same columns is not. So the calls
  * are analysed as they would be in a query over a table: the same names, types, casts and errors.
  *
  * @param row
  *   the columns of a row
  * @param functions
  *   the calls, their inputs being expressions over these columns
  */
final private[streaming] case class StreamCalls(
    row: Seq[Attribute],
    functions: Seq[IndicatorFunction]
)

private[streaming] object StreamCalls {

  def of(
      stream: DataFrame,
      keys: Seq[String],
      order: Seq[String],
      calls: Seq[String]
  ): StreamCalls = {
    val table = stream.sparkSession.createDataFrame(Collections.emptyList[Row], stream.schema)
    val window = s"PARTITION BY ${list(keys)} ORDER BY ${list(order)}"
    val columns = calls.indices.map(index => s"call_$index")
    val texts = calls.zip(columns).map { case (call, column) =>
      s"${call.trim} OVER ($window) AS $column"
    }
    val plan =
      try table.selectExpr(texts: _*).queryExecution.analyzed
      catch { case _: ParseException => throw notCalls(calls) }
    val aliases = plan
      .collect { case Project(list, _) => list }
      .flatten
      .collect { case alias: Alias => alias.exprId -> alias.child }
      .toMap
    val found = plan
      .collect { case node: Window => node.windowExpressions }
      .flatten
      .collect { case Alias(WindowExpression(function: IndicatorFunction, _), column) =>
        column -> function.copy(arguments = function.arguments.map(overColumns(_, aliases)))
      }
      .toMap
    val functions = columns.flatMap(found.get)
    val refused = calls.zip(columns).filterNot { case (_, column) => found.contains(column) }
    if (refused.nonEmpty) throw notCalls(refused.map(_._1))
    functions.flatMap(_.inputs).find(!_.deterministic).foreach { input =>
      throw new IllegalArgumentException(
        s"'${input.sql}' is not the same each time it is computed, and a stream may compute it twice; " +
          "read a column instead"
      )
    }
    StreamCalls(rowOf(plan), functions)
  }

  private def list(columns: Seq[String]): String =
    columns.map(column => s"`${column.replace("`", "``")}`").mkString(", ")

  /** Spark computes inputs that are not columns below the window and gives them names there. */
  private def overColumns(argument: Expression, aliases: Map[ExprId, Expression]): Expression =
    argument.transformUp { case attribute: AttributeReference =>
      aliases.get(attribute.exprId).fold[Expression](attribute)(overColumns(_, aliases))
    }

  private def rowOf(plan: LogicalPlan): Seq[Attribute] =
    plan.collectFirst { case relation: LocalRelation => relation.output }.getOrElse {
      throw new IllegalStateException(s"an empty table was analysed as\n$plan")
    }

  private def notCalls(calls: Seq[String]): IllegalArgumentException =
    new IllegalArgumentException(
      s"${calls.mkString("'", "', '", "'")} must be calls of indicators, nothing before or after them; write for " +
        "example ta_rsi(close, 14), and compute with the result in a select after toDF. " +
        "SELECT name FROM financelake_functions() lists them"
    )
}
