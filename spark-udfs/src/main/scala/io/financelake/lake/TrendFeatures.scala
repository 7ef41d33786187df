package io.financelake.lake

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.{JsonNode, ObjectMapper}
import com.fasterxml.jackson.databind.node.ArrayNode

/** The features of a trend model as SQL. Training, the scoring job and users' queries all run these expressions, so
  * none of them can see other values than the others.
  */
object TrendFeatures {
  private val Over = "OVER (PARTITION BY series ORDER BY ts, seq)"

  /** The features of a new model unless others are given: indicators without a unit, so that one model fits
    * prices of any height.
    */
  val default: ArrayNode = new ObjectMapper()
    .readTree("""[
      {"name": "return_1", "function": "rocp", "inputs": ["close"], "params": [1]},
      {"name": "return_5", "function": "rocp", "inputs": ["close"], "params": [5]},
      {"name": "return_20", "function": "rocp", "inputs": ["close"], "params": [20]},
      {"name": "rsi_14", "function": "rsi", "inputs": ["close"], "params": [14]},
      {"name": "ppo", "function": "ppo", "inputs": ["close"], "params": [12, 26]},
      {"name": "natr_14", "function": "natr", "inputs": ["high", "low", "close"], "params": [14]},
      {"name": "adx_14", "function": "adx", "inputs": ["high", "low", "close"], "params": [14]},
      {"name": "willr_14", "function": "willr", "inputs": ["high", "low", "close"], "params": [14]},
      {"name": "mfi_14", "function": "mfi", "inputs": ["high", "low", "close", "volume"], "params": [14]},
      {"name": "volume_z", "function": "zscore", "inputs": ["volume"], "params": [20]}
    ]""")
    .asInstanceOf[ArrayNode]

  /** One expression per feature of a card; the native library has checked them against its registry. */
  def sql(features: JsonNode): Seq[String] = features.elements.asScala.map(expression).toSeq

  /** A model over columns that hold its features: `ta_trend('us-equity@3', f0, ...) OVER w AS t`. */
  def scoreColumns(model: String, columns: Seq[String]): String =
    (s"'${model.replace("\\", "\\\\").replace("'", "\\'")}'" +: columns)
      .mkString("ta_trend(", ", ", s") $Over")

  private def expression(feature: JsonNode): String =
    if (!feature.has("function")) quoted(feature.path("name").asText)
    else {
      val inputs = feature.path("inputs").elements.asScala.map(input => quoted(input.asText))
      // With an exponent, so that SQL reads a DOUBLE, not a DECIMAL.
      val params = feature.path("params").elements.asScala.map(p => s"${p.asDouble}D")
      val call =
        (inputs ++ params).mkString(s"ta_${feature.path("function").asText}(", ", ", s") $Over")
      if (feature.has("output")) s"($call).${quoted(feature.path("output").asText)}" else call
    }

  private def quoted(name: String): String = "`" + name.replace("`", "``") + "`"
}
