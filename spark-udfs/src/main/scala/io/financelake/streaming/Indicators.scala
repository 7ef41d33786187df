package io.financelake.streaming

import java.util.concurrent.TimeUnit

import scala.annotation.varargs
import scala.jdk.CollectionConverters._
import scala.util.control.NonFatal

import org.apache.spark.sql.{Column, DataFrame, Encoders, KeyValueGroupedDataset, Row}
import org.apache.spark.sql.catalyst.analysis.UnresolvedAttribute
import org.apache.spark.sql.catalyst.util.IntervalUtils
import org.apache.spark.sql.functions.{col, count, lit, when}
import org.apache.spark.sql.internal.SQLConf
import org.apache.spark.sql.streaming.{OutputMode, TimeMode}
import org.apache.spark.sql.types.{StringType, StructField, StructType}

import io.financelake.sql.{IndicatorProgram, Settings}

/** Indicators on a stream, with the state of each series kept durably by Spark:
  * {{{
  * Indicators.on(bars)
  *   .keyedBy("series")
  *   .orderedBy("ts", "seq")
  *   .delay("10 minutes")
  *   .add("rsi_14", "ta_rsi(close, 14)")
  *   .add("bands", "ta_bbands(close, 20)")
  *   .toDF
  * }}}
  *
  * The result has the columns of the stream and one for each indicator, of the type that the call has in SQL: DOUBLE, INT
  * for candles, a struct for several outputs. The final rows of a stream have the bits that the calls
  * `OVER (PARTITION BY series ORDER BY ts, seq)` give over the same rows in a table.
  *
  * Each call of a method gives a new object; nothing happens before [[toDF]]. The query needs the RocksDB state store, as
  * everything made with `transformWithState`, and output mode `append`, or `update` after [[mode mode("update")]].
  */
final class Indicators private (options: Indicators.Options) {
  import Indicators._

  /** The columns that name a series. */
  @varargs
  def keyedBy(column: String, more: String*): Indicators = change(_.copy(keys = column +: more))

  /** The same for Java and Python, which has lists only. */
  def keyedBy(columns: java.util.List[String]): Indicators =
    change(_.copy(keys = columns.asScala.toSeq))

  /** The event time (TIMESTAMP, TIMESTAMP_NTZ or DATE), and whole numbers that order rows of the same time. Rows of a series with
    * the same time and tie-breakers are the same row: the one that comes first counts.
    */
  @varargs
  def orderedBy(time: String, ties: String*): Indicators = change(_.copy(order = time +: ties))

  /** The same for Java and Python. */
  def orderedBy(columns: java.util.List[String]): Indicators =
    change(_.copy(order = columns.asScala.toSeq))

  /** Adds a column with the results of a call: `add("rsi_14", "ta_rsi(close, 14)")`. */
  def add(column: String, call: String): Indicators =
    change(o => o.copy(calls = o.calls :+ (column -> call)))

  /** How long a row waits for others of its series, in event time: a row that is less than this behind the newest row
    * of its series takes its place in the series, an older one is late if later rows are final. Without a delay the
    * rows of each batch are sorted and are final at once.
    */
  def delay(interval: String): Indicators =
    change(_.copy(delay = duration("delay", interval)))

  /** What is given out: `final`, the default, each row once, when its delay is over; or `update`, each row at once, and again,
    * corrected, each time that a row takes its place before it within the delay. `update` wants a sink that replaces rows
    * by key and order.
    */
  def mode(name: String): Indicators = name match {
    case "final"  => change(_.copy(update = false))
    case "update" => change(_.copy(update = true))
    case other    => throw new IllegalArgumentException(s"mode '$other': write 'final' or 'update'")
  }

  /** Ends the delay of a series that was silent for so long by the clock. Without this the last rows of a series
    * wait for the next ones.
    */
  def flushAfter(interval: String): Indicators =
    change(_.copy(flushAfter = duration("flushAfter", interval)))

  /** Forgets a series that was silent for so long by the clock. If it comes back, it begins anew. */
  def expireAfter(interval: String): Indicators =
    change(_.copy(expireAfter = duration("expireAfter", interval)))

  /** Begins with the state after the rows of a table, which must have the columns of the stream: the first rows of the stream
    * have no warm-up. Rows up to the last one of a series in the table are late.
    * It matters for the first batch only; a checkpoint has its own state.
    */
  def startFrom(history: DataFrame): Indicators = change(_.copy(history = Some(history)))

  /** Adds a column that says what became of a row, and keeps the rows that are counted and left out otherwise:
    * `final`; in mode `update` `new` and `corrected`; and without results `late`, `duplicate` (time and tie-breakers of
    * another row) and `unordered` (a NULL among these).
    */
  def withStatus(column: String): Indicators = change(_.copy(status = Some(column)))

  /** The name under which `StreamingQueryProgress.observedMetrics` counts the rows of each status, `indicators` if none is
    * given. Two in one query need two names.
    */
  def named(name: String): Indicators = change(_.copy(name = name))

  /** The stream with its indicators.
    *
    * @throws IllegalArgumentException
    *   for options that do not fit the stream
    * @throws org.apache.spark.sql.AnalysisException
    *   for calls that SQL would refuse
    */
  def toDF(): DataFrame = {
    check()
    val stream = options.stream
    val calls = StreamCalls.of(stream, options.keys, options.order, options.calls.map(_._2))
    val work = workOf(calls)
    choosePartitions()
    val processor = new SeriesProcessor(work)
    val timeMode = if (work.hasTimers) TimeMode.ProcessingTime() else TimeMode.None()
    val outputMode = if (options.update) OutputMode.Update() else OutputMode.Append()
    val rows = Encoders.product[IndicatorRow]
    val computed = options.history match {
      case None =>
        grouped(stream).transformWithState(processor, timeMode, outputMode)(rows)
      case Some(history) =>
        val columns = stream.columns.map(column).toIndexedSeq
        val states = replayed(history.select(columns: _*), work)
        grouped(stream).transformWithState(processor, timeMode, outputMode, states)(
          rows,
          Encoders.product[SeriesState]
        )
    }
    val results = work.program.results.zip(options.calls).map { case (result, (name, _)) =>
      StructField(name, result.dataType)
    }
    val schema = StructType(stream.schema ++ results)
    val counts = RowStatus.all.zipWithIndex.map { case (status, number) =>
      count(when(col("status") === number, lit(1))).as(status.name)
    }
    val unpacked = ExpressionColumn.of(UnpackRow(UnresolvedAttribute.quoted("row"), schema))
    val fields = schema.indices.map(index => field(unpacked, schema(index).name))
    val observed = computed.toDF().observe(options.name, counts.head, counts.tail: _*)
    options.status match {
      case Some(name) => observed.select(fields :+ statusName.as(name): _*)
      case None =>
        val refused = RowStatus.all.indexWhere(!_.computed)
        observed.where(col("status") < refused).select(fields: _*)
    }
  }

  private def conf: SQLConf = options.stream.queryExecution.sparkSession.sessionState.conf

  private def change(edit: Options => Options): Indicators = new Indicators(edit(options))

  private def check(): Unit = {
    val Options(stream, keys, order, calls, _, _, _, _, _, status, _) = options
    def refuse(message: String): Nothing = throw new IllegalArgumentException(message)
    if (!stream.isStreaming)
      refuse("this is a table, not a stream: call indicators OVER a window of SQL instead")
    if (keys.isEmpty) refuse("which column names the series? write keyedBy(\"series\")")
    if (order.isEmpty) refuse("which column is the event time? write orderedBy(\"ts\")")
    if (calls.isEmpty)
      refuse("no indicator was given; write add(\"rsi_14\", \"ta_rsi(close, 14)\")")
    (keys ++ order).find(!stream.columns.contains(_)).foreach { missing =>
      refuse(s"the stream has no column '$missing'; it has ${stream.columns.mkString(", ")}")
    }
    val names = stream.columns.toSeq ++ calls.map(_._1) ++ status
    names.diff(names.distinct).headOption.foreach { twice =>
      refuse(s"the result would have two columns '$twice'; give one of them another name")
    }
    val types = order.map(column => column -> stream.schema(column).dataType)
    types.headOption.filterNot(t => SeriesWork.isTime(t._2)).foreach { case (column, kind) =>
      refuse(s"'$column' is ${kind.sql}, which is no time; order by a TIMESTAMP first")
    }
    types.tail.filterNot(t => SeriesWork.isTie(t._2)).headOption.foreach { case (column, kind) =>
      refuse(s"'$column' is ${kind.sql}; rows of the same time are ordered by whole numbers")
    }
  }

  private def workOf(calls: StreamCalls): SeriesWork = SeriesWork(
    program = IndicatorProgram.of(calls.functions),
    row = calls.row,
    order = options.order.map(options.stream.schema.fieldIndex),
    delay = options.delay,
    update = options.update,
    flushAfter = millis(options.flushAfter),
    expireAfter = millis(options.expireAfter),
    batchRows = Settings.batchRows(conf)
  )

  /** Spark takes the number of partitions of a new stream from this key of the session. */
  private def choosePartitions(): Unit =
    Settings.streamPartitions(conf).foreach { partitions =>
      conf.setConfString(SQLConf.SHUFFLE_PARTITIONS.key, partitions.toString)
    }

  /** The keys as the state store shows them, which takes plain names only. */
  private def keyFields: Seq[StructField] = options.keys.zipWithIndex.map { case (key, index) =>
    val field = options.stream.schema(key)
    if (key.matches("[A-Za-z_][A-Za-z_0-9]*")) field else field.copy(name = s"key_$index")
  }

  /** Packed rows by key. */
  private def grouped(
      rows: DataFrame,
      more: Seq[Column] = Nil
  ): KeyValueGroupedDataset[Row, PackedRow] = {
    val all = PackRow(rows.columns.toIndexedSeq.map(name => UnresolvedAttribute.quoted(name)))
    val packed = ExpressionColumn.of(all).as(PackedRow.column)
    val keys = options.keys.zip(keyFields).map { case (key, field) => column(key).as(field.name) }
    rows
      .select(keys ++ more :+ packed: _*)
      .groupBy(keyFields.map(field => col(field.name)): _*)
      .as[Row, PackedRow](Encoders.row(StructType(keyFields)), Encoders.product[PackedRow])
  }

  /** The state of each series after its history. */
  private def replayed(
      history: DataFrame,
      work: SeriesWork
  ): KeyValueGroupedDataset[Row, SeriesState] = {
    val key = Encoders.row(StructType(keyFields))
    val state = Encoders.product[SeriesState]
    val places = options.order.zipWithIndex.map { case (name, index) =>
      s"financelake_order_$index" -> column(name)
    }
    grouped(history, places.map { case (name, value) => value.as(name) })
      .flatMapSortedGroups(places.map { case (name, _) => col(name) }: _*)(new HistoryReplay(work))(
        Encoders.tuple(key, state)
      )
      .groupByKey((entry: (Row, SeriesState)) => entry._1)(key)
      .mapValues((entry: (Row, SeriesState)) => entry._2)(state)
  }

  private def statusName: Column = RowStatus.all.zipWithIndex
    .foldLeft(lit(null).cast(StringType)) { case (rest, (status, number)) =>
      when(col("status") === number, lit(status.name)).otherwise(rest)
    }
}

object Indicators {

  /** Indicators on this stream. */
  def on(stream: DataFrame): Indicators = new Indicators(Options(stream))

  /** What was chosen; times in microseconds. */
  final private case class Options(
      stream: DataFrame,
      keys: Seq[String] = Nil,
      order: Seq[String] = Nil,
      calls: Seq[(String, String)] = Nil,
      delay: Long = 0,
      update: Boolean = false,
      flushAfter: Long = 0,
      expireAfter: Long = 0,
      history: Option[DataFrame] = None,
      status: Option[String] = None,
      name: String = "indicators"
  )

  private def column(name: String): Column = col(quoted(name))

  private def field(struct: Column, name: String): Column = struct.getField(name).as(name)

  private def quoted(name: String): String = s"`${name.replace("`", "``")}`"

  private def millis(micros: Long): Long =
    if (micros == 0) 0 else math.max(1, TimeUnit.MICROSECONDS.toMillis(micros))

  /** An interval in microseconds. */
  private def duration(option: String, text: String): Long = {
    val interval =
      try IntervalUtils.fromIntervalString(text)
      catch { case NonFatal(_) => null }
    val micros = Option(interval)
      .filter(_.months == 0)
      .map(i => Math.addExact(Math.multiplyExact(i.days.toLong, 86400000000L), i.microseconds))
    micros.filter(_ >= 0).getOrElse {
      throw new IllegalArgumentException(
        s"$option '$text' is no length of time; write for example '10 minutes' or '2 days'"
      )
    }
  }
}
