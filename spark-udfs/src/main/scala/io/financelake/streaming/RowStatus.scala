package io.financelake.streaming

/** What became of a row of a stream. */
sealed abstract private[streaming] class RowStatus(val name: String, val computed: Boolean)

private[streaming] object RowStatus {

  /** Its place in the series is certain, and so are its indicators. */
  case object Final extends RowStatus("final", computed = true)

  /** Computed at once; a late row before it may correct it (mode `update`). */
  case object New extends RowStatus("new", computed = true)

  /** Given out before, and now again, after a late row before it (mode `update`). */
  case object Corrected extends RowStatus("corrected", computed = true)

  /** Before rows that are final. */
  case object Late extends RowStatus("late", computed = false)

  /** Series, time and tie-breakers of another row; the first one counts. */
  case object Duplicate extends RowStatus("duplicate", computed = false)

  /** Without a time or tie-breaker, so it has no place in its series. */
  case object Unordered extends RowStatus("unordered", computed = false)

  /** Each status; its place here is its number in rows. */
  val all: Seq[RowStatus] = Seq(Final, New, Corrected, Late, Duplicate, Unordered)
}
