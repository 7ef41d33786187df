package io.financelake.sql

import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.spark.sql.catalyst.FunctionIdentifier
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{Expression, ExpressionInfo, LeafExpression}
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback
import org.apache.spark.sql.types.{DataType, StringType, StructType}
import org.apache.spark.unsafe.types.UTF8String

import io.financelake.jni.NativeLibrary

/** `financelake_version()`: what is installed, as a struct: `version`, `build`, `abi`, `cpu` (the level that
  * kernels are chosen by) and `origin` (where the library was loaded from). Never NULL.
  */
case class FinanceLakeVersion() extends LeafExpression with CodegenFallback {
  override def prettyName: String = FinanceLakeVersion.name
  override def nullable: Boolean = false
  override def foldable: Boolean = true
  override def dataType: DataType = FinanceLakeVersion.schema

  override def eval(input: InternalRow): Any = {
    val info = new ObjectMapper().readTree(NativeLibrary.info())
    InternalRow.fromSeq(
      FinanceLakeVersion.schema.fieldNames
        .map(field => UTF8String.fromString(info.get(field).asText))
        .toIndexedSeq
    )
  }
}

object FinanceLakeVersion {
  private val name = "financelake_version"

  private val schema: StructType =
    Seq("version", "build", "abi", "cpu", "origin").foldLeft(new StructType)((struct, field) =>
      struct.add(field, StringType, nullable = false)
    )

  def registration: (FunctionIdentifier, ExpressionInfo, Seq[Expression] => Expression) = {
    val usage =
      "_FUNC_() - Version and build of FinanceLake's native library, the interface between " +
        "jar and library, the processor level it uses, and where it was loaded from."
    val info = new ExpressionInfo(
      classOf[FinanceLakeVersion].getName,
      null,
      name,
      usage,
      "",
      "\n    Examples:\n      > SELECT _FUNC_().version;\n  ",
      "",
      "misc_funcs",
      "4.0.0",
      "",
      "scala_udf"
    )
    (FunctionIdentifier(name), info, build)
  }

  private def build(arguments: Seq[Expression]): Expression = {
    if (arguments.nonEmpty) throw IndicatorFunction.wrongCount(name, 0 to 0, arguments.size)
    FinanceLakeVersion()
  }
}
