package io.financelake.sql

import org.apache.spark.sql.catalyst.{FunctionIdentifier, InternalRow}
import org.apache.spark.sql.catalyst.expressions.{AttributeReference, Expression, ExpressionInfo}
import org.apache.spark.sql.catalyst.plans.logical.{LocalRelation, LogicalPlan}
import org.apache.spark.sql.catalyst.util.GenericArrayData
import org.apache.spark.sql.types.{ArrayType, DataType, IntegerType, StringType}
import org.apache.spark.unsafe.types.UTF8String

/** `SELECT * FROM financelake_functions()`: the registry as a table, one row per indicator. */
object FunctionsTable {
  private val name = "financelake_functions"

  /** Column, type, and its value for a definition. */
  private val columns: Seq[(String, DataType, IndicatorDefinition => Any)] = Seq(
    ("name", StringType, d => text(d.sqlName)),
    ("group", StringType, d => text(d.group)),
    ("signature", StringType, d => text(d.signature)),
    ("returns", StringType, d => text(d.dataType.sql)),
    ("inputs", ArrayType(StringType, containsNull = false), d => texts(d.inputs)),
    (
      "parameters",
      ArrayType(StringType, containsNull = false),
      d => texts(d.parameters.map(_.name))
    ),
    ("lookback", IntegerType, d => d.lookback),
    ("description", StringType, d => text(d.summary)),
    ("formula", StringType, d => text(d.formula)),
    ("source", StringType, d => text(d.source)),
    ("closeness", StringType, d => text(d.closeness))
  )

  private def text(value: String): UTF8String = UTF8String.fromString(value)

  private def texts(values: Seq[String]): GenericArrayData = new GenericArrayData(values.map(text))

  def registration: (FunctionIdentifier, ExpressionInfo, Seq[Expression] => LogicalPlan) = {
    val usage =
      "_FUNC_() - A row per technical indicator: its name and signature, what it returns, how many " +
        "rows at the start of a group are NULL with default parameters, its formula, where it comes " +
        "from, and how close tests hold it to that source."
    val info = new ExpressionInfo(
      getClass.getName.stripSuffix("$"),
      null,
      name,
      usage,
      "",
      "\n    Examples:\n      > SELECT name, description FROM _FUNC_();\n  ",
      "",
      "table_funcs",
      "4.0.0",
      "",
      "scala_udf"
    )
    (FunctionIdentifier(name), info, build)
  }

  private def build(arguments: Seq[Expression]): LogicalPlan = {
    if (arguments.nonEmpty) throw IndicatorFunction.wrongCount(name, 0 to 0, arguments.size)
    val output = columns.map { case (column, dataType, _) =>
      AttributeReference(column, dataType, nullable = false)()
    }
    val rows = IndicatorDefinition.all.map { definition =>
      InternalRow.fromSeq(columns.map { case (_, _, value) => value(definition) })
    }
    LocalRelation(output, rows)
  }
}
