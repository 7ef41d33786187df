package io.financelake.sql

import org.apache.spark.sql.AnalysisException
import org.apache.spark.sql.catalyst.FunctionIdentifier
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult
import org.apache.spark.sql.catalyst.expressions.{Cast, Expression, ExpressionInfo}
import org.apache.spark.sql.types.{DataType, DoubleType, NullType, NumericType}

import io.financelake.jni.{FinanceLakeException, NativeIndicators}

/** A call of an indicator inside `OVER (PARTITION BY ... ORDER BY ...)`.
  *
  * It is a window function of Catalyst's own kind, so Spark's analyser refuses what makes no sense
  * for it: no `OVER`, no `ORDER BY`, a frame, `FILTER`, `DISTINCT`.
  *
  * Inputs are numeric and read as DOUBLE; strings are refused rather than cast, since a cast hides
  * bad data as NULL. Parameters are constants, checked by the native registry during analysis.
  */
case class IndicatorFunction(definition: IndicatorDefinition, arguments: Seq[Expression])
    extends NativeWindowFunction {

  override def inputs: Seq[Expression] = arguments.take(definition.inputs.size)

  /** The parameters that were written, as the native library takes them. */
  lazy val parameters: Seq[Double] =
    constants.map(e => Cast(e, DoubleType).eval().asInstanceOf[Double])

  private def constants: Seq[Expression] = arguments.drop(definition.inputs.size)

  override def children: Seq[Expression] = arguments

  override def dataType: DataType = definition.dataType

  override def prettyName: String = definition.sqlName

  // Plans show the call, not the registry's entry.
  override protected def stringArgs: Iterator[Any] = arguments.iterator

  override def checkInputDataTypes(): TypeCheckResult =
    wrongType
      .orElse(notConstant)
      .orElse(notFinite)
      .orElse(refusedByRegistry)
      .getOrElse(
        TypeCheckResult.TypeCheckSuccess
      )

  private def wrongType: Option[TypeCheckResult] =
    arguments.zipWithIndex.collectFirst {
      case (argument, index) if !IndicatorFunction.isNumeric(argument.dataType) =>
        failure(
          s"${argumentName(index)} must be a number, but '${argument.sql}' is " +
            s"${argument.dataType.sql}; write CAST(${argument.sql} AS DOUBLE) if it holds numbers"
        )
    }

  private def notConstant: Option[TypeCheckResult] =
    constants.zipWithIndex.collectFirst {
      case (constant, index) if !constant.foldable || constant.eval() == null =>
        val name = argumentName(definition.inputs.size + index)
        failure(s"$name must be a constant, but '${constant.sql}' is not; write a number")
    }

  /** NaN and infinities, which the registry cannot be asked about: JSON has no such numbers. */
  private def notFinite: Option[TypeCheckResult] =
    parameters.zipWithIndex.collectFirst {
      case (value, index) if value.isNaN || value.isInfinite =>
        val parameter = definition.parameters(index)
        import IndicatorDefinition.number
        failure(
          s"${parameter.name} = $value is out of range; " +
            s"write ${number(parameter.min)} to ${number(parameter.max)}"
        )
    }

  private def refusedByRegistry: Option[TypeCheckResult] =
    try {
      // Checks the request as compiling it would, and makes nothing.
      NativeIndicators.memoryNeeded(IndicatorProgram.single(this))
      None
    } catch {
      case refused: FinanceLakeException => Some(failure(refused.getMessage))
    }

  private def argumentName(index: Int): String =
    (definition.inputs ++ definition.parameters.map(_.name))(index)

  private def failure(message: String): TypeCheckResult =
    TypeCheckResult.TypeCheckFailure(s"$prettyName: ${message.stripPrefix(definition.name + ": ")}")

  override protected def withNewChildrenInternal(
      newChildren: IndexedSeq[Expression]
  ): IndicatorFunction = copy(arguments = newChildren)
}

object IndicatorFunction {

  private[sql] type Registration =
    (FunctionIdentifier, ExpressionInfo, Seq[Expression] => Expression)

  private[sql] def isNumeric(dataType: DataType): Boolean = dataType match {
    case _: NumericType | NullType => true
    case _                         => false
  }

  /** The function with the registry's text for `DESCRIBE FUNCTION`. */
  def registration(definition: IndicatorDefinition): Registration =
    (FunctionIdentifier(definition.sqlName), info(definition), build(definition, _))

  private[sql] def build(
      definition: IndicatorDefinition,
      arguments: Seq[Expression]
  ): IndicatorFunction = {
    val required = definition.inputs.size
    val counts = required to required + definition.parameters.size
    if (!counts.contains(arguments.size))
      throw wrongCount(definition.sqlName, counts, arguments.size)
    IndicatorFunction(definition, arguments)
  }

  private[financelake] def wrongCount(name: String, counts: Range, actual: Int): AnalysisException =
    new AnalysisException(
      "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
      Map(
        "functionName" -> s"`$name`",
        "expectedNum" -> counts.distinct.mkString("[", ", ", "]"),
        "actualNum" -> actual.toString,
        "docroot" -> "https://spark.apache.org/docs/latest"
      )
    )

  private def info(definition: IndicatorDefinition): ExpressionInfo = {
    val signature = definition.signature.stripPrefix(definition.sqlName)
    val inputs = definition.inputs.map(input => s"$input - a numeric expression, one value per row")
    val parameters = definition.parameters.map { p =>
      import IndicatorDefinition.number
      s"${p.name} - ${p.doc}; ${number(p.min)} to ${number(p.max)}, ${number(p.default)} if omitted"
    }
    val call =
      (definition.inputs ++ definition.parameters.map(p => IndicatorDefinition.number(p.default)))
        .mkString(", ")
    new ExpressionInfo(
      classOf[IndicatorFunction].getName,
      null,
      definition.sqlName,
      s"_FUNC_$signature OVER (PARTITION BY ... ORDER BY ...) - ${definition.summary}",
      (inputs ++ parameters)
        .map(line => s"      * $line\n")
        .mkString("\n    Arguments:\n", "", "  "),
      "\n    Examples:\n" +
        s"      > SELECT ts, _FUNC_($call) OVER (PARTITION BY series ORDER BY ts, seq) FROM bars;\n  ",
      s"\n    Gives ${definition.dataType.sql}. Rows with a NULL, NaN or infinite input give NULL and are " +
        "passed over. With the default parameters the first " +
        s"${definition.lookback} rows of a group are NULL.\n    Formula: ${definition.formula}.\n" +
        s"    Source: ${definition.source}.\n  ",
      "window_funcs",
      "4.0.0",
      "",
      "scala_udf"
    )
  }
}
