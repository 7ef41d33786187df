package io.financelake.sql

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import org.apache.spark.sql.types.{DataType, DoubleType, IntegerType, StructField, StructType}

/** A parameter of an indicator: a constant after the inputs. */
final case class IndicatorParameter(
    name: String,
    kind: String,
    default: Double,
    min: Double,
    max: Double,
    doc: String
)

/** An output of an indicator; a single one is the value itself, several are fields of a struct. */
final case class IndicatorOutput(name: String, dataType: DataType)

/** An indicator as the native registry describes it. */
final case class IndicatorDefinition(
    name: String,
    group: String,
    summary: String,
    formula: String,
    source: String,
    closeness: String,
    inputs: Seq[String],
    parameters: Seq[IndicatorParameter],
    outputs: Seq[IndicatorOutput],
    lookback: Int,
    short: Boolean
) {

  val sqlName: String = s"ta_$name"

  /** DOUBLE or INT for one output, a struct of them for several. */
  val dataType: DataType = outputs match {
    case Seq(single) => single.dataType
    case several     => StructType(several.map(o => StructField(o.name, o.dataType)))
  }

  /** `ta_rsi(close, timeperiod = 14)`. */
  def signature: String = {
    val optional = parameters.map(p => s"${p.name} = ${IndicatorDefinition.number(p.default)}")
    (inputs ++ optional).mkString(s"$sqlName(", ", ", ")")
  }
}

object IndicatorDefinition {

  /** The list that the build asked the native registry for. */
  val all: Seq[IndicatorDefinition] = {
    val resource = "/io/financelake/functions.json"
    val in = getClass.getResourceAsStream(resource)
    require(in != null, s"the jar lacks $resource; it was not built by sbt")
    val root =
      try new ObjectMapper().readTree(in)
      finally in.close()
    elements(root.get("functions")).map(definition)
  }

  private def definition(node: JsonNode): IndicatorDefinition =
    IndicatorDefinition(
      name = node.get("name").asText,
      group = node.get("group").asText,
      summary = node.get("summary").asText,
      formula = node.get("formula").asText,
      source = node.get("source").asText,
      closeness = node.get("closeness").asText,
      inputs = elements(node.get("inputs")).map(_.asText),
      parameters = elements(node.get("params")).map { p =>
        IndicatorParameter(
          p.get("name").asText,
          p.get("kind").asText,
          p.get("default").asDouble,
          p.get("min").asDouble,
          p.get("max").asDouble,
          p.get("doc").asText
        )
      },
      outputs = elements(node.get("outputs")).map { o =>
        val dataType = o.get("kind").asText match {
          case "real"    => DoubleType
          case "integer" => IntegerType
        }
        IndicatorOutput(o.get("name").asText, dataType)
      },
      lookback = node.get("lookback").asInt,
      short = node.get("short").asBoolean
    )

  private def elements(array: JsonNode): Seq[JsonNode] = array.elements.asScala.toSeq

  /** A number as people write it: `14`, not `14.0`. */
  def number(value: Double): String =
    if (value == math.rint(value) && math.abs(value) < 1e15) value.toLong.toString
    else value.toString
}
