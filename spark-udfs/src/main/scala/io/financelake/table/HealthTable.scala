package io.financelake.table

import scala.jdk.CollectionConverters._

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.{FunctionIdentifier, InternalRow}
import org.apache.spark.sql.catalyst.expressions.{AttributeReference, Expression, ExpressionInfo}
import org.apache.spark.sql.catalyst.plans.logical.{LocalRelation, LogicalPlan}
import org.apache.spark.sql.types.StringType
import org.apache.spark.unsafe.types.UTF8String

import io.financelake.jni.NativeTable
import io.financelake.sql.IndicatorFunction

/** `SELECT * FROM financelake_table_health('silver.bars')`: a row per number about a Delta table. */
object HealthTable {
  private val name = "financelake_table_health"

  def registration: (FunctionIdentifier, ExpressionInfo, Seq[Expression] => LogicalPlan) = {
    val usage =
      "_FUNC_(table) - Numbers about a Delta table, from its log alone: files, rows, deleted rows, " +
        "what an optimisation would rewrite, and how far the slowest streaming query is behind."
    val info = new ExpressionInfo(
      getClass.getName.stripSuffix("$"),
      null,
      name,
      usage,
      "",
      "\n    Examples:\n      > SELECT metric, value FROM _FUNC_('silver.bars');\n  ",
      "",
      "table_funcs",
      "4.0.0",
      "",
      "scala_udf"
    )
    (FunctionIdentifier(name), info, build)
  }

  private def build(arguments: Seq[Expression]): LogicalPlan = {
    if (arguments.size != 1) throw IndicatorFunction.wrongCount(name, 1 to 1, arguments.size)
    val table = arguments.head
    val text = if (table.foldable && table.dataType == StringType) Option(table.eval()) else None
    val named = text.getOrElse {
      throw new IllegalArgumentException(
        s"$name takes the name of a table as a text, not ${table.sql}"
      )
    }
    val location = TableLocation.of(SparkSession.active, named.toString)
    val health = TableLocation.json.readTree(NativeTable.health(location.request().toString))
    val output = Seq(
      AttributeReference("metric", StringType, nullable = false)(),
      AttributeReference("value", StringType)()
    )
    val rows = health.properties().asScala.toSeq.map { entry =>
      val value = if (entry.getValue.isNull) null else UTF8String.fromString(entry.getValue.asText)
      InternalRow(UTF8String.fromString(snakeCase(entry.getKey)), value)
    }
    LocalRelation(output, rows)
  }

  private def snakeCase(name: String): String = name.replaceAll("([A-Z])", "_$1").toLowerCase
}
