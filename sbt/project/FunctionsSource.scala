import sjsonnew.shaded.scalajson.ast.unsafe._
import sjsonnew.support.scalajson.unsafe.Parser

/** Writes the Scala object `io.financelake.functions` from the native registry. */
object FunctionsSource {

  def of(registry: String): String = {
    val functions = elements(field(Parser.parseUnsafe(registry), "functions"))
    s"""package io.financelake
       |
       |import org.apache.spark.sql.Column
       |import org.apache.spark.sql.functions.{call_function, lit}
       |
       |/** Indicators as functions of columns; each result needs a window:
       |  * `rsi(col("close"), 14).over(Window.partitionBy("series").orderBy("ts", "seq"))`.
       |  *
       |  * Generated from the native registry, as the SQL functions are.
       |  */
       |object functions {
       |${functions.map(function).mkString("\n\n")}
       |}
       |""".stripMargin
  }

  private def function(node: JValue): String = {
    val name = text(field(node, "name"))
    val inputs = elements(field(node, "inputs")).map(text)
    val params = elements(field(node, "params"))
    val names = params.map(p => text(field(p, "name")))
    val declared =
      inputs.map(input => s"$input: Column") ++ params.zip(names).map { case (p, param) =>
        val scalaType = if (text(field(p, "kind")) == "real") "Double" else "Int"
        s"$param: $scalaType = ${number(field(p, "default"), scalaType)}"
      }
    val docs = params.zip(names).map { case (p, param) =>
      s"    * @param $param\n    *   ${text(field(p, "doc"))}"
    }
    val passed = inputs ++ names.map(param => s"lit($param)")
    val doc = ("  /** " + text(field(node, "summary"))) +:
      (if (docs.isEmpty) Nil else "    *" +: docs) :+ "    */"
    s"""${doc.mkString("\n")}
       |  def ${identifier(name)}(${declared.mkString(", ")}): Column =
       |    call_function("ta_$name", ${passed.mkString(", ")})""".stripMargin
  }

  /** `var` is a word of Scala's; no other function or parameter is called like one. */
  private def identifier(name: String): String = if (name == "var") "`var`" else name

  private def number(value: JValue, scalaType: String): String = value match {
    case JNumber(digits) if scalaType == "Double" => digits.toDouble.toString
    case JNumber(digits)                          => digits
    case other                                    => sys.error(s"not a number: $other")
  }

  private def field(node: JValue, name: String): JValue = node match {
    case JObject(fields) =>
      fields.find(_.field == name).map(_.value).getOrElse(sys.error(s"the registry lacks '$name'"))
    case other => sys.error(s"not an object: $other")
  }

  private def elements(node: JValue): Seq[JValue] = node match {
    case JArray(values) => values.toSeq
    case other          => sys.error(s"not an array: $other")
  }

  private def text(node: JValue): String = node match {
    case JString(value) => value
    case other          => sys.error(s"not a text: $other")
  }
}
