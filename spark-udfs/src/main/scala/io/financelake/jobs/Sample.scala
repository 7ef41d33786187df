package io.financelake.jobs

/** What is measured.
  *
  * @param name
  *   as Prometheus has it, after the prefix
  * @param kind
  *   `counter`, since the process started, or `gauge`
  * @param label
  *   what its subjects are: `table` or `query`
  */
final private[jobs] case class Metric(name: String, kind: String, help: String, label: String)

/** A value of a metric.
  *
  * @param reason
  *   of refused records
  */
final private[jobs] case class Sample(
    metric: Metric,
    subject: String,
    value: Double,
    reason: Option[String] = None
)

private[jobs] object Sample {

  /** What Prometheus reads. */
  def exposition(metrics: Seq[Metric], samples: Seq[Sample]): String = {
    val found = samples.groupBy(_.metric)
    metrics.map { metric =>
      val name = s"financelake_stream_${metric.name}"
      val lines = found.getOrElse(metric, Nil).map { sample =>
        val labels = (metric.label -> sample.subject) +: sample.reason.map("reason" -> _).toSeq
        val texts = labels.map { case (label, text) => s"""$label="$text"""" }
        s"$name${texts.mkString("{", ",", "}")} ${number(sample.value)}\n"
      }
      s"# HELP $name ${metric.help}.\n# TYPE $name ${metric.kind}\n${lines.mkString}"
    }.mkString
  }

  private def number(value: Double): String =
    if (value.isWhole && value.abs < 1e15) value.toLong.toString else value.toString
}
