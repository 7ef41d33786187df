package io.financelake.sql

import scala.collection.mutable.ArrayBuffer

import com.fasterxml.jackson.databind.ObjectMapper
import org.apache.spark.sql.catalyst.expressions.{Cast, Expression}
import org.apache.spark.sql.types.{DataType, DoubleType}

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
  */
final case class IndicatorProgram(
    inputs: Seq[Expression],
    request: String,
    outputs: Seq[DataType],
    results: Seq[ResultColumn]
)

object IndicatorProgram {
  private val json = new ObjectMapper

  private case class Call(
      definition: IndicatorDefinition,
      inputs: Seq[Int],
      parameters: Seq[Double]
  )

  def of(functions: Seq[IndicatorFunction]): IndicatorProgram = {
    val inputs = ArrayBuffer.empty[Expression]
    def column(expression: Expression): Int = {
      val known = inputs.indexWhere(_.semanticEquals(expression))
      if (known >= 0) known
      else {
        inputs += expression
        inputs.size - 1
      }
    }
    val calls = functions.map(f => Call(f.definition, f.inputs.map(column), f.parameters))
    val distinct = calls.distinct
    val firstOutput = distinct.scanLeft(0)(_ + _.definition.outputs.size)
    IndicatorProgram(
      inputs.map(asDouble).toSeq,
      request(inputs.size, distinct),
      distinct.flatMap(_.definition.outputs.map(_.dataType)),
      calls.map { call =>
        val definition = call.definition
        ResultColumn(
          firstOutput(distinct.indexOf(call)),
          definition.outputs.size,
          definition.dataType
        )
      }
    )
  }

  /** The request for one call alone, to have its parameters checked. */
  def single(function: IndicatorFunction): String = {
    val inputs = function.definition.inputs.indices
    request(inputs.size, Seq(Call(function.definition, inputs, function.parameters)))
  }

  private def asDouble(expression: Expression): Expression =
    if (expression.dataType == DoubleType) expression else Cast(expression, DoubleType)

  private def request(columns: Int, calls: Seq[Call]): String = {
    val root = json.createObjectNode().put("columns", columns)
    val array = root.putArray("calls")
    for (call <- calls) {
      val node = array.addObject().put("function", call.definition.name)
      val inputs = node.putArray("inputs")
      call.inputs.foreach(inputs.add)
      val parameters = node.putArray("params")
      call.parameters.foreach(parameters.add)
    }
    json.writeValueAsString(root)
  }
}
