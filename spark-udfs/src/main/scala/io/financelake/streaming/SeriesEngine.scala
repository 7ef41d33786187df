package io.financelake.streaming

import java.time.Instant
import java.time.temporal.ChronoUnit

import scala.collection.mutable

import org.apache.spark.TaskContext
import org.apache.spark.sql.catalyst.expressions.UnsafeRow
import org.apache.spark.sql.catalyst.expressions.codegen.GenerateUnsafeRowJoiner
import org.apache.spark.sql.types.{DataType, StructField, StructType}

import io.financelake.sql.{InputReader, NativeColumns, ResultRow}

/** A row with its indicators, packed, and the number of its status in [[RowStatus.all]]. */
final private[streaming] case class IndicatorRow(row: Array[Byte], status: Int)

/** Where a series stands: its last final row, the native state after it, and the rows that wait. */
final private[streaming] class Progress(
    val last: Place,
    val indicators: Array[Byte],
    val waiting: Seq[SeriesRow]
)

/** Runs the series of a task, one after the other, through one native program: the state of a series is restored, its
  * rows are computed, and the state is saved.
  */
final private[streaming] class SeriesEngine(work: SeriesWork, context: TaskContext) {
  private val columns = new NativeColumns(work.program, work.batchRows, context)
  context.addTaskCompletionListener[Unit](_ => columns.close())

  private val inputs =
    new InputReader(work.program, work.row, context.partitionId(), columns)
  private val results = new ResultRow(work.program.results, columns)
  private val joiner = GenerateUnsafeRowJoiner.create(
    schema(work.row.map(_.dataType)),
    schema(work.program.results.map(_.dataType))
  )
  private val row = new UnsafeRow(work.row.size)
  private val noResults = {
    val empty = UnsafeRow.createFromByteArray(
      UnsafeRow.calculateBitSetWidthInBytes(work.program.results.size) +
        8 * work.program.results.size,
      work.program.results.size
    )
    work.program.results.indices.foreach(empty.setNullAt)
    empty
  }
  private val timeOf = SeriesWork.reader(work.row(work.order.head).dataType, work.order.head)
  private val tiesOf =
    work.order.tail.map(ordinal => SeriesWork.reader(work.row(ordinal).dataType, ordinal)).toArray

  private def schema(types: Seq[DataType]): StructType =
    StructType(types.zipWithIndex.map { case (kind, index) => StructField(index.toString, kind) })

  /** Takes the rows that arrived for a series.
    *
    * @param state
    *   what the series has, or null for a new one
    * @param everything
    *   whether the delay is over for all rows
    * @param store
    *   called once, before the last row is given out
    * @return
    *   the rows to give out
    */
  def advance(
      state: SeriesState,
      arrived: Iterator[Array[Byte]],
      everything: Boolean,
      store: Progress => Unit
  ): Iterator[IndicatorRow] = {
    val last = if (state == null) null else lastOf(state)
    val waiting =
      if (state == null || state.waiting == null) Array.empty[SeriesRow]
      else WaitingRows.decode(work.columns, state.waiting).map(placed(_, fresh = false)).toArray
    val fresh = mutable.ArrayBuilder.make[SeriesRow]
    val unordered = Seq.newBuilder[SeriesRow]
    arrived.foreach { packed =>
      val next = placed(packed, fresh = true)
      if (next.ties == null) unordered += next else fresh += next
    }
    val rows = SeriesRows.merge(last, waiting, fresh.result())
    val refused = unordered.result().map(_ -> (RowStatus.Unordered: RowStatus)) ++ rows.refused
    val without = refused.iterator.map { case (row, status) => withoutResults(row, status) }
    val ready = readyRows(rows.ordered, everything)
    val saved = if (state == null) null else state.indicators
    if (ready == 0 && !work.update) {
      store(new Progress(last, saved, rows.ordered.toSeq))
      without
    } else without ++ new Run(rows.ordered, ready, last, saved, store)
  }

  /** Takes rows that are in order and final, and gives none out: a history.
    *
    * @return
    *   where the series stands after them
    */
  def replay(history: Iterator[Array[Byte]]): Progress = {
    columns.resume(null)
    var last: Place = null
    var rows = 0
    def flush(): Unit = {
      columns.compute(rows)
      columns.clear()
      rows = 0
    }
    history.map(placed(_, fresh = true)).foreach { next =>
      if (next.ties != null && (last == null || Place.order.compare(last, next) < 0)) {
        inputs.read(UnpackRow.row(row, next.packed), rows)
        last = next
        rows += 1
        if (rows == columns.capacity) flush()
      }
    }
    if (rows > 0) flush()
    new Progress(last, columns.save(), Nil)
  }

  private def lastOf(state: SeriesState): Place = {
    if (state.inputs != work.inputs)
      throw new IllegalStateException(
        "the state of this checkpoint was made from other inputs or another order of rows than " +
          work.program.inputs.map(_.sql).mkString("(", ", ", ")") + " ordered by " +
          work.order.map(work.row(_).name).mkString("(", ", ", ")") +
          "; start with a new checkpoint, from a history if there is one"
      )
    if (state.time == null) null
    else Place.of(ChronoUnit.MICROS.between(Instant.EPOCH, state.time), state.ties)
  }

  /** The row with its place, which lacks tie-breakers if it has no place. */
  private def placed(packed: Array[Byte], fresh: Boolean): SeriesRow = {
    UnpackRow.row(row, packed)
    if (work.order.exists(row.isNullAt)) new SeriesRow(packed, 0, null, fresh)
    else {
      val ties = new Array[Long](tiesOf.length)
      var tie = 0
      while (tie < ties.length) {
        ties(tie) = tiesOf(tie)(row)
        tie += 1
      }
      new SeriesRow(packed, timeOf(row), ties, fresh)
    }
  }

  /** How many of the rows are final. */
  private def readyRows(rows: Array[SeriesRow], everything: Boolean): Int =
    if (everything || rows.isEmpty || work.delay == 0) rows.length
    else {
      val until = rows.last.time - work.delay
      var ready = 0
      while (ready < rows.length && rows(ready).time <= until) ready += 1
      ready
    }

  private def withoutResults(refused: SeriesRow, status: RowStatus): IndicatorRow =
    joined(refused, noResults, status)

  private def joined(of: SeriesRow, result: UnsafeRow, status: RowStatus): IndicatorRow =
    IndicatorRow(
      joiner.join(UnpackRow.row(row, of.packed), result).getBytes,
      RowStatus.all.indexOf(status)
    )

  /** Computes rows batch by batch, as they are asked for: first those that are final, after which the state is saved,
    * then, if rows are given out at once, those that may still be corrected.
    */
  final private class Run(
      rows: Array[SeriesRow],
      ready: Int,
      last: Place,
      saved: Array[Byte],
      store: Progress => Unit
  ) extends Iterator[IndicatorRow] {
    private val end = if (work.update) rows.length else ready

    /** Rows before the first that arrived now have not changed. */
    private var position =
      if (work.update) Option(rows.indexWhere(_.fresh)).filter(_ >= 0).getOrElse(end) else 0
    private var from = 0
    private var to = 0

    if (end > 0) columns.resume(saved)
    if (ready == 0) store(new Progress(last, saved, rows.toSeq))
    compute()

    override def hasNext: Boolean = position < end

    override def next(): IndicatorRow = {
      while (position >= to) compute()
      val of = rows(position)
      val status =
        if (!work.update) RowStatus.Final
        else if (of.fresh) RowStatus.New
        else RowStatus.Corrected
      val result = joined(of, results.at(position - from), status)
      position += 1
      // The state must be stored even if no row is given out any more.
      if (position >= to) compute()
      result
    }

    /** Computes the next batch; a batch ends where the final rows do. */
    private def compute(): Unit =
      while (to < end && position >= to) {
        from = to
        to = math.min(from + columns.capacity, if (from < ready) ready else end)
        columns.clear()
        var index = from
        while (index < to) {
          inputs.read(UnpackRow.row(row, rows(index).packed), index - from)
          index += 1
        }
        columns.compute(to - from)
        if (to == ready)
          store(new Progress(rows(ready - 1), columns.save(), rows.drop(ready).toSeq))
      }
  }
}
