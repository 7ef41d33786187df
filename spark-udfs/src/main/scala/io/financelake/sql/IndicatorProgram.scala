package io.financelake.sql

import scala.collection.mutable.ArrayBuffer

import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.spark.sql.catalyst.expressions.{Cast, Expression}
import org.apache.spark.sql.types.{DataType, DoubleType, StructType}

import io.financelake.jni.NativeIndicators

/** One result column of the operator: where its values are among the outputs of the native call. */
final case class ResultColumn(firstOutput: Int, outputs: Int, dataType: DataType)

/** All calls of one window as one native program: which columns go in, and which outputs come out.
  * Equal inputs become one column and equal calls one call.
  *
  * @param inputs
  *   expressions of DOUBLE over the operator's child, one per input column
  * @param request
  *   what [[io.financelake.jni.NativeIndicators.compile]] takes
  * @param outputs
  *   the type of each output
  * @param results
  *   one per call that was asked for, in that order
  * @param models
  *   the trend models that the request names by index
  */
final case class IndicatorProgram(
    inputs: Seq[Expression],
    request: String,
    outputs: Seq[DataType],
    results: Seq[ResultColumn],
    models: Seq[TrendModel] = Nil
) {

  /** Compiles the program; whoever asks closes it. */
  def compile(): NativeIndicators =
    NativeIndicators.compile(request, models.map(_.file).toArray)
}

object IndicatorProgram {
  private val json = new ObjectMapper

  /** A call of the request: which columns go in and what comes out. */
  sealed abstract private class Call(val dataType: DataType) {
    def outputs: Seq[DataType] = dataType match {
      case struct: StructType => struct.map(_.dataType)
      case single             => Seq(single)
    }
  }

  private case class IndicatorCall(
      definition: IndicatorDefinition,
      inputs: Seq[Int],
      parameters: Seq[Double]
  ) extends Call(definition.dataType)

  private case class TrendCall(model: TrendModel, inputs: Seq[Int])
      extends Call(TrendFunction.dataType)

  def of(functions: Seq[NativeWindowFunction]): IndicatorProgram = {
    val inputs = ArrayBuffer.empty[Expression]
    def column(expression: Expression): Int = {
      val known = inputs.indexWhere(_.semanticEquals(expression))
      if (known >= 0) known
      else {
        inputs += expression
        inputs.size - 1
      }
    }
    val calls = functions.map {
      case f: IndicatorFunction => IndicatorCall(f.definition, f.inputs.map(column), f.parameters)
      case f: TrendFunction     => TrendCall(f.model, f.inputs.map(column))
      case other => throw new IllegalArgumentException(s"${other.prettyName} is not native")
    }
    val indicators = calls.collect { case call: IndicatorCall => call }.distinct
    val trends = calls.collect { case call: TrendCall => call }.distinct
    // The outputs of models follow those of indicators.
    val distinct: Seq[Call] = indicators ++ trends
    val firstOutput = distinct.scanLeft(0)(_ + _.outputs.size)
    val models = trends.map(_.model).distinct
    IndicatorProgram(
      inputs.map(asDouble).toSeq,
      request(inputs.size, indicators, trends.map(t => models.indexOf(t.model) -> t.inputs)),
      distinct.flatMap(_.outputs),
      calls.map { call =>
        ResultColumn(firstOutput(distinct.indexOf(call)), call.outputs.size, call.dataType)
      },
      models
    )
  }

  /** The request for one call alone, to have its parameters checked. */
  def single(function: IndicatorFunction): String = {
    val inputs = function.definition.inputs.indices
    request(inputs.size, Seq(IndicatorCall(function.definition, inputs, function.parameters)))
  }

  private def asDouble(expression: Expression): Expression =
    if (expression.dataType == DoubleType) expression else Cast(expression, DoubleType)

  private def request(
      columns: Int,
      calls: Seq[IndicatorCall],
      trends: Seq[(Int, Seq[Int])] = Nil
  ): String = {
    val root = json.createObjectNode().put("columns", columns)
    val array = root.putArray("calls")
    for (call <- calls) {
      val node = array.addObject().put("function", call.definition.name)
      val inputs = node.putArray("inputs")
      call.inputs.foreach(inputs.add)
      val parameters = node.putArray("params")
      call.parameters.foreach(parameters.add)
    }
    if (trends.nonEmpty) {
      val array = root.putArray("trends")
      for ((model, inputs) <- trends) {
        val columns = array.addObject().put("model", model).putArray("inputs")
        inputs.foreach(columns.add)
      }
    }
    json.writeValueAsString(root)
  }
}
