package io.financelake.streaming

import java.nio.ByteBuffer
import java.util.Comparator

import scala.collection.mutable

/** A place in a series: the time in microseconds, then the tie-breakers. */
private[streaming] class Place(val time: Long, val ties: Array[Long]) {

  /** The tie-breakers as bytes. */
  def tieBytes: Array[Byte] = {
    val bytes = ByteBuffer.allocate(8 * ties.length)
    ties.foreach(bytes.putLong)
    bytes.array
  }
}

private[streaming] object Place {
  val order: Comparator[Place] = (a, b) => {
    var result = java.lang.Long.compare(a.time, b.time)
    var tie = 0
    while (result == 0 && tie < a.ties.length) {
      result = java.lang.Long.compare(a.ties(tie), b.ties(tie))
      tie += 1
    }
    result
  }

  def of(time: Long, tieBytes: Array[Byte]): Place = {
    val buffer = ByteBuffer.wrap(tieBytes)
    new Place(time, Array.fill(tieBytes.length / 8)(buffer.getLong))
  }
}

/** A row of a series, packed, with its place; `fresh` when it came with this batch. */
final private[streaming] class SeriesRow(
    val packed: Array[Byte],
    time: Long,
    ties: Array[Long],
    val fresh: Boolean
) extends Place(time, ties)

/** Rows of a series in order, each place once, and the rows that have no place among them. */
final private[streaming] class SeriesRows(
    val ordered: Array[SeriesRow],
    val refused: Seq[(SeriesRow, RowStatus)]
)

private[streaming] object SeriesRows {

  /** Sorts rows that arrived into those that wait. Of rows with the same place the one that came first counts.
    *
    * @param last
    *   the place of the last final row, or null
    */
  def merge(last: Place, waiting: Array[SeriesRow], arrived: Array[SeriesRow]): SeriesRows = {
    val all = if (waiting.isEmpty) arrived else waiting ++ arrived
    if (isAscending(last, all)) new SeriesRows(all, Nil)
    else {
      // Stable: what came first stays first.
      java.util.Arrays.sort(all, Place.order)
      val ordered = mutable.ArrayBuilder.make[SeriesRow]
      val refused = Seq.newBuilder[(SeriesRow, RowStatus)]
      var before = last
      all.foreach { row =>
        val comparison = if (before == null) 1 else Place.order.compare(row, before)
        if (comparison > 0) {
          ordered += row
          before = row
        } else refused += row -> (if (comparison == 0) RowStatus.Duplicate else RowStatus.Late)
      }
      new SeriesRows(ordered.result(), refused.result())
    }
  }

  private def isAscending(last: Place, rows: Array[SeriesRow]): Boolean = {
    var before = last
    var index = 0
    while (
      index < rows.length && (before == null || Place.order.compare(before, rows(index)) < 0)
    ) {
      before = rows(index)
      index += 1
    }
    index == rows.length
  }
}
