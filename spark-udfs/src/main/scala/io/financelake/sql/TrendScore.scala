package io.financelake.sql

import org.apache.spark.sql.catalyst.{FunctionIdentifier, InternalRow}
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult
import org.apache.spark.sql.catalyst.expressions.{Cast, Expression, ExpressionInfo, UnaryExpression}
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback
import org.apache.spark.sql.catalyst.util.ArrayData
import org.apache.spark.sql.types.{ArrayType, DataType, DoubleType}

/** `ta_trend_score(features, model)`: scores one window per row, an array of the window's rows one after the
  * other, oldest first. NULL for a NULL array, and for one with a NULL, NaN or infinite value.
  */
case class TrendScore(child: Expression, model: TrendModel)
    extends UnaryExpression
    with CodegenFallback {

  override def dataType: DataType = TrendFunction.dataType

  override def nullable: Boolean = true

  // Would run on the driver and keep a model there; it is cheap enough where the rows are.
  override lazy val foldable: Boolean = false

  override def prettyName: String = TrendScore.name

  override def sql: String = s"$prettyName(${child.sql}, '$model')"

  override def checkInputDataTypes(): TypeCheckResult = child.dataType match {
    case ArrayType(element, _) if IndicatorFunction.isNumeric(element) =>
      TypeCheckResult.TypeCheckSuccess
    case other =>
      TypeCheckResult.TypeCheckFailure(
        s"$prettyName: features must be an array of numbers, but '${child.sql}' is ${other.sql}; " +
          s"write the ${model.window} rows of ${model.features.mkString(", ")} as one flat array"
      )
  }

  private lazy val scorer = new TaskScorer(model)

  override protected def nullSafeEval(input: Any): Any = {
    val array = input.asInstanceOf[ArrayData]
    val values = new Array[Double](array.numElements())
    for (i <- values.indices) values(i) = if (array.isNullAt(i)) Double.NaN else array.getDouble(i)
    scorer.score(values).map(r => InternalRow(r(0).toInt, r(1), r(2), r(3))).orNull
  }

  override protected def withNewChildInternal(newChild: Expression): TrendScore =
    copy(child = newChild)
}

object TrendScore {
  private val name = "ta_trend_score"

  def registration: IndicatorFunction.Registration = {
    val info = new ExpressionInfo(
      classOf[TrendScore].getName,
      null,
      name,
      "_FUNC_(features, model) - The class that a trend model predicts for a window, and the probability of " +
        "each class.",
      """
    Arguments:
      * features - an array of numbers: the features of the window's rows, one row after the other, oldest first
      * model - a constant: the name of a model of the lake, name@version, or the path of a model file
  """,
      "\n    Examples:\n      > SELECT _FUNC_(features, 'us-equity') FROM windows;\n  ",
      "\n    Scores a row at a time; ta_trend forms the windows itself and is several times faster.\n  ",
      "misc_funcs",
      "4.0.0",
      "",
      "scala_udf"
    )
    (FunctionIdentifier(name), info, build)
  }

  /** Other numbers are read as DOUBLE; what holds none is refused when the types are checked. */
  private def asDoubles(features: Expression): Expression = features.dataType match {
    case ArrayType(element, nulls)
        if element != DoubleType && IndicatorFunction.isNumeric(element) =>
      Cast(features, ArrayType(DoubleType, nulls))
    case _ => features
  }

  private def build(arguments: Seq[Expression]): Expression = arguments match {
    case Seq(features, model) => TrendScore(asDoubles(features), TrendFunction.model(name, model))
    case _                    => throw IndicatorFunction.wrongCount(name, 2 to 2, arguments.size)
  }
}
