package io.financelake.sql

import org.apache.spark.SparkConf
import org.apache.spark.sql.internal.SQLConf

/** A setting of the Spark integration: its key, its default as text, and what it does. */
final case class Setting(key: String, default: String, static: Boolean, doc: String)

/** All settings; the documentation is generated from this list. */
object Settings {

  val Enabled: Setting = Setting(
    "spark.financelake.enabled",
    "true",
    static = true,
    "Whether sessions get FinanceLake's functions. Read when a session is built."
  )

  val ShortNames: Setting = Setting(
    "spark.financelake.functions.short",
    "false",
    static = true,
    "Whether indicators can also be called without the prefix `ta_`, `rsi(close, 14) OVER w`, where " +
      "no other function has the name. Read when a session is built."
  )

  val BatchRows: Setting = Setting(
    "spark.financelake.window.batchRows",
    "8192",
    static = false,
    "Rows that the window operator hands to the native library at a time, 1 to 1048576. Results " +
      "do not depend on it. Wide rows make smaller batches: a batch holds 4 MiB of rows at most."
  )

  val StreamPartitions: Setting = Setting(
    "spark.financelake.stream.partitions",
    "0",
    static = false,
    "Partitions of the state of streams with indicators, 1 to 100000; 0 leaves it to " +
      "`spark.sql.shuffle.partitions`. Read by `Indicators.toDF`, which sets that key of the session to it, since " +
      "a new stream takes its number from there. A stream that has a checkpoint keeps its own."
  )

  val Lake: Setting = Setting(
    "spark.financelake.lake",
    "",
    static = false,
    "The lake whose trend models `ta_trend` and `ta_trend_score` find by name, a path on any Hadoop file system."
  )

  val all: Seq[Setting] = Seq(Enabled, ShortNames, BatchRows, StreamPartitions, Lake)

  /** The static settings. */
  final case class Static(enabled: Boolean, shortNames: Boolean)

  def of(conf: Option[SparkConf]): Static = {
    def flag(setting: Setting): Boolean = {
      val text = conf.fold(setting.default)(_.get(setting.key, setting.default)).trim
      text.toBooleanOption.getOrElse(
        throw new IllegalArgumentException(
          s"${setting.key} is '$text'; write true or false"
        )
      )
    }
    Static(flag(Enabled), flag(ShortNames))
  }

  def batchRows(conf: SQLConf): Int = whole(BatchRows, conf, 1 to 1048576)

  /** The partitions that a new stream is to have, if they were chosen. */
  def streamPartitions(conf: SQLConf): Option[Int] =
    Some(whole(StreamPartitions, conf, 0 to 100000)).filter(_ > 0)

  /** The lake of the session, if one was named. */
  def lake(conf: SQLConf): Option[String] =
    Some(conf.getConfString(Lake.key, Lake.default).trim).filter(_.nonEmpty)

  private def whole(setting: Setting, conf: SQLConf, allowed: Range): Int = {
    val text = conf.getConfString(setting.key, setting.default).trim
    text.toIntOption.filter(allowed.contains).getOrElse {
      throw new IllegalArgumentException(
        s"${setting.key} is '$text'; write a whole number from ${allowed.start} to ${allowed.end}"
      )
    }
  }
}
