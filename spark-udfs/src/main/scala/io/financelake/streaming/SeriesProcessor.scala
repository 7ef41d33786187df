package io.financelake.streaming

import java.time.Instant
import java.time.temporal.ChronoUnit

import org.apache.spark.TaskContext
import org.apache.spark.sql.{Encoders, Row}
import org.apache.spark.sql.streaming._

/** Computes the indicators of each series and keeps its state between the batches of a stream. */
final private[streaming] class SeriesProcessor(work: SeriesWork)
    extends StatefulProcessorWithInitialState[Row, PackedRow, IndicatorRow, SeriesState] {

  @transient private var series: ValueState[SeriesState] = _
  // Made when a task has rows: Spark also calls `init` on the driver.
  @transient private lazy val engine = new SeriesEngine(work, TaskContext.get())

  override def init(outputMode: OutputMode, timeMode: TimeMode): Unit =
    series = getHandle
      .getValueState[SeriesState]("series", Encoders.product[SeriesState], TTLConfig.NONE)

  override def handleInputRows(
      key: Row,
      rows: Iterator[PackedRow],
      clock: TimerValues
  ): Iterator[IndicatorRow] = {
    val state = series.get()
    val seen = if (work.hasTimers) clock.getCurrentProcessingTimeInMs() else 0L
    val timer = if (state == null) 0L else state.timer
    engine.advance(
      state,
      rows.map(_.financelake_row),
      everything = false,
      progress => series.update(stateOf(progress, seen, arm(timer, progress, seen)))
    )
  }

  override def handleExpiredTimer(
      key: Row,
      clock: TimerValues,
      expired: ExpiredTimerInfo
  ): Iterator[IndicatorRow] = {
    val state = series.get()
    val now = clock.getCurrentProcessingTimeInMs()
    def isOver(wait: Long): Boolean = wait > 0 && now >= state.seen + wait
    if (state == null) Iterator.empty
    else if (isOver(work.expireAfter) || isOver(work.flushAfter) && state.waiting != null) {
      val flushed = engine.advance(
        state,
        Iterator.empty,
        everything = true,
        progress => {
          val timer = if (isOver(work.expireAfter)) 0L else arm(0L, progress, state.seen)
          series.update(stateOf(progress, state.seen, timer))
        }
      )
      // Rows are computed as they are given out, so the state goes after the last one.
      if (isOver(work.expireAfter)) flushed ++ { series.clear(); Iterator.empty }
      else flushed
    } else {
      val waiting = state.waiting != null
      series.update(state.copy(timer = arm(0L, waiting, state.seen)))
      Iterator.empty
    }
  }

  override def handleInitialState(key: Row, state: SeriesState, clock: TimerValues): Unit = {
    val seen = if (work.hasTimers) clock.getCurrentProcessingTimeInMs() else 0L
    series.update(state.copy(seen = seen, timer = arm(0L, waiting = false, seen)))
  }

  private def stateOf(progress: Progress, seen: Long, timer: Long): SeriesState =
    SeriesProcessor.stateOf(work, progress).copy(seen = seen, timer = timer)

  private def arm(armed: Long, progress: Progress, seen: Long): Long =
    arm(armed, progress.waiting.nonEmpty, seen)

  /** Makes sure that the series is looked at when it has been silent for long enough. Timers cost more than the rows
    * of a batch, so one stays as it is when rows arrive, and the next one is set when it has passed.
    *
    * @return
    *   when the series is looked at
    */
  private def arm(armed: Long, waiting: Boolean, seen: Long): Long = {
    val waits = Seq(if (waiting) work.flushAfter else 0L, work.expireAfter).filter(_ > 0)
    if (waits.isEmpty) armed
    else {
      val wanted = seen + waits.min
      if (armed > 0 && armed <= wanted) armed
      else {
        if (armed > 0) getHandle.deleteTimer(armed)
        getHandle.registerTimer(wanted)
        wanted
      }
    }
  }
}

private[streaming] object SeriesProcessor {

  /** The state of a series without timers. */
  def stateOf(work: SeriesWork, progress: Progress): SeriesState = SeriesState(
    time =
      if (progress.last == null) null
      else Instant.EPOCH.plus(progress.last.time, ChronoUnit.MICROS),
    ties = if (progress.last == null) Array.emptyByteArray else progress.last.tieBytes,
    seen = 0L,
    timer = 0L,
    inputs = work.inputs,
    indicators = progress.indicators,
    waiting = WaitingRows.encode(work.columns, progress.waiting)
  )
}

/** Turns the history of each series into its state, on the tasks of a batch job. */
final private[streaming] class HistoryReplay(work: SeriesWork)
    extends ((Row, Iterator[PackedRow]) => Iterator[(Row, SeriesState)])
    with Serializable {
  @transient private lazy val engine = new SeriesEngine(work, TaskContext.get())

  override def apply(key: Row, rows: Iterator[PackedRow]): Iterator[(Row, SeriesState)] = {
    val progress = engine.replay(rows.map(_.financelake_row))
    Iterator.single(key -> SeriesProcessor.stateOf(work, progress))
  }
}
