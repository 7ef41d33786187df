package io.financelake.sql

import org.apache.spark.sql.AnalysisException
import org.apache.spark.sql.catalyst.FunctionIdentifier
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult
import org.apache.spark.sql.catalyst.expressions.{Expression, ExpressionInfo}
import org.apache.spark.sql.types.{DataType, FloatType, IntegerType, StringType, StructType}
import org.apache.spark.unsafe.types.UTF8String

import io.financelake.jni.FinanceLakeException

/** `ta_trend(model, f1, ..., fn) OVER (PARTITION BY ... ORDER BY ...)`: the model's class and its
  * probabilities for each row and the rows before it. The operator of the indicators runs it.
  */
case class TrendFunction(model: TrendModel, inputs: Seq[Expression]) extends NativeWindowFunction {

  override def children: Seq[Expression] = inputs

  override def dataType: DataType = TrendFunction.dataType

  override def prettyName: String = TrendFunction.name

  override protected def stringArgs: Iterator[Any] = Iterator(model) ++ inputs

  override def sql: String = inputs.map(_.sql).mkString(s"$prettyName('$model', ", ", ", ")")

  override def checkInputDataTypes(): TypeCheckResult = {
    val wrong = inputs.zip(model.features).collectFirst {
      case (input, feature) if !IndicatorFunction.isNumeric(input.dataType) =>
        s"feature $feature must be a number, but '${input.sql}' is ${input.dataType.sql}; " +
          s"write CAST(${input.sql} AS DOUBLE) if it holds numbers"
    }
    val count = Option.when(inputs.size != model.features.size)(
      s"model $model has ${model.features.size} features, ${inputs.size} were given; " +
        s"write ${model.features.mkString(", ")}"
    )
    count
      .orElse(wrong)
      .fold[TypeCheckResult](TypeCheckResult.TypeCheckSuccess)(message =>
        TypeCheckResult.TypeCheckFailure(s"$prettyName: $message")
      )
  }

  override protected def withNewChildrenInternal(
      newChildren: IndexedSeq[Expression]
  ): TrendFunction = copy(inputs = newChildren)
}

object TrendFunction {
  private[sql] val name = "ta_trend"

  /** `prediction` is 0 for down, 1 for up, 2 for neutral. */
  val dataType: StructType = new StructType()
    .add("prediction", IntegerType)
    .add("p_down", FloatType)
    .add("p_up", FloatType)
    .add("p_neutral", FloatType)

  def registration: IndicatorFunction.Registration = {
    val info = new ExpressionInfo(
      classOf[TrendFunction].getName,
      null,
      name,
      "_FUNC_(model, f1, ..., fn) OVER (PARTITION BY ... ORDER BY ...) - The class that a trend model " +
        "predicts for each row from the rows up to it, and the probability of each class.",
      """
    Arguments:
      * model - a constant: the name of a model of the lake, name@version, or the path of a model file
      * f1, ..., fn - the model's features, numeric, in its order and the units it was trained with
  """,
      "\n    Examples:\n" +
        "      > SELECT ts, _FUNC_('us-equity', close, volume) OVER (PARTITION BY series ORDER BY ts, seq) " +
        "FROM bars;\n  ",
      s"\n    Gives ${dataType.sql}: prediction is 0 for down, 1 for up, 2 for neutral. Rows with a NULL, NaN or " +
        "infinite feature give NULL and do not enter the window; the first rows of a group give NULL until " +
        "the window is full.\n  ",
      "window_funcs",
      "4.0.0",
      "",
      "scala_udf"
    )
    (FunctionIdentifier(name), info, build)
  }

  private def build(arguments: Seq[Expression]): Expression = {
    if (arguments.size < 2)
      throw IndicatorFunction.wrongCount(name, 2 to 257, arguments.size)
    TrendFunction(model(name, arguments.head), arguments.tail)
  }

  /** The model that a constant argument names. */
  private[sql] def model(function: String, argument: Expression): TrendModel = {
    def refuse(message: String, cause: Option[Throwable] = None): Nothing =
      throw new AnalysisException(
        "_LEGACY_ERROR_TEMP_3102",
        Map("msg" -> s"$function: $message"),
        cause
      )
    if (argument.dataType != StringType || !argument.foldable)
      refuse(s"model must be a constant text, but '${argument.sql}' is not; write 'name'")
    argument.eval() match {
      case text: UTF8String =>
        try TrendModel.resolve(text.toString)
        catch {
          case e @ (_: IllegalArgumentException | _: FinanceLakeException) =>
            refuse(e.getMessage, Some(e))
        }
      case _ => refuse("model is NULL; write 'name'")
    }
  }
}
