package io.financelake.jobs

import java.util.Locale

import scala.jdk.CollectionConverters._

import com.fasterxml.jackson.databind.JsonNode

/** The report of a training as a page: the loss over the epochs, the scores beside the baselines, the confusion and
  * the calibration over the test part. One file without scripts or links.
  */
private[jobs] object TrendReport {

  /** What is compared: its name, and its key among the scores. */
  val Rows: Seq[(String, String)] = Seq(
    "model" -> "test",
    "majority class" -> "majority",
    "last direction" -> "last_direction",
    "logistic" -> "logistic"
  )

  private val Classes = Seq("down", "up", "neutral")

  def html(name: String, about: JsonNode): String = {
    val scores = about.path("scores")
    val test = scores.path("test")
    s"""<!DOCTYPE html>
       |<html lang="en"><head><meta charset="utf-8"><title>${text(name)}</title>
       |<style>body{font:15px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
       |table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #ccc;padding:.2rem .7rem;text-align:right}
       |th:first-child,td:first-child{text-align:left}svg{max-width:100%}</style></head><body>
       |<h1>${text(name)}</h1>
       |<p>Scores over the test part, which nothing was decided by. A model is worth a look only where it is clearly
       |above every baseline; past returns decide little about future ones, and costs are not in these numbers.</p>
       |${table(
        Seq("") ++ Seq("accuracy", "macro F1", "log loss"),
        Rows.collect {
          case (label, key) if scores.path(key).has("accuracy") =>
            label +: Seq("accuracy", "macro_f1", "log_loss").map(number(scores.path(key), _))
        }
      )}
       |<h2>Loss</h2>
       |${curves(about.path("epochs").elements.asScala.toSeq)}
       |<h2>Confusion</h2>
       |${table(
        "came, predicted" +: Classes,
        Classes.zip(test.path("confusion").elements.asScala.toSeq).map { case (label, row) =>
          label +: row.elements.asScala.map(_.asText).toSeq
        }
      )}
       |<h2>Classes</h2>
       |${table(
        Seq("", "precision", "recall", "F1"),
        Classes.zip(test.path("classes").elements.asScala.toSeq).map { case (label, row) =>
          label +: Seq("precision", "recall", "f1").map(number(row, _))
        }
      )}
       |<h2>Calibration</h2>
       |${table(
        Seq("probability", "rows", "mean probability", "right"),
        test.path("calibration").elements.asScala.toSeq.zipWithIndex.collect {
          case (bin, index) if bin.path(0).asLong > 0 =>
            Seq(
              s"${index * 10} to ${index * 10 + 10} %",
              bin.path(0).asText,
              format(bin.path(1).asDouble),
              format(bin.path(2).asDouble)
            )
        }
      )}
       |</body></html>
       |""".stripMargin
  }

  private def table(head: Seq[String], rows: Seq[Seq[String]]): String = {
    def row(cells: Seq[String], tag: String) =
      cells.map(cell => s"<$tag>${text(cell)}</$tag>").mkString("<tr>", "", "</tr>")
    (row(head, "th") +: rows.map(row(_, "td"))).mkString("<table>", "\n", "</table>")
  }

  /** Training loss grey, validation loss blue. */
  private def curves(epochs: Seq[JsonNode]): String = {
    val lines = Seq("loss" -> "#999", "validation_loss" -> "#06c").map { case (key, colour) =>
      (
        epochs.filter(_.has(key)).map(e => e.path("number").asDouble -> e.path(key).asDouble),
        colour
      )
    }
    val values = lines.flatMap(_._1.map(_._2))
    if (values.isEmpty) ""
    else {
      val (low, high) = (values.min, math.max(values.max, values.min + 1e-9))
      val width = math.max(1, epochs.size - 1)
      def point(at: (Double, Double)): String =
        format(10 + (at._1 - 1) / width * 580) + "," + format(
          10 + (high - at._2) / (high - low) * 180
        )
      lines
        .map { case (points, colour) =>
          s"""<polyline fill="none" stroke="$colour" stroke-width="2" points="${points
              .map(point)
              .mkString(" ")}"/>"""
        }
        .mkString(
          """<svg viewBox="0 0 600 200" width="600" height="200">""",
          "",
          s"</svg><p>Training grey, validation blue, from ${format(low)} to ${format(high)}.</p>"
        )
    }
  }

  private def number(node: JsonNode, field: String): String =
    if (node.has(field)) format(node.path(field).asDouble) else "-"

  private def format(value: Double): String = "%.4f".formatLocal(Locale.ROOT, value)

  private def text(raw: String): String =
    raw.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;")
}
