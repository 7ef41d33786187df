package io.financelake.streaming

import java.nio.ByteBuffer
import java.time.Instant

/** What the state store holds for each series; `read.format("statestore")` shows these columns.
  *
  * @param time
  *   time of the last final row; NULL before the first
  * @param ties
  *   its tie-breakers, 8 bytes each
  * @param seen
  *   when rows last arrived, in milliseconds of the clock; 0 when the stream has no timers
  * @param timer
  *   when the series is looked at again; 0 for never
  * @param inputs
  *   a number for what the indicators read and the rows are ordered by
  * @param indicators
  *   the native state after the last final row
  * @param waiting
  *   the rows of the delay, in order; NULL when there are none
  */
final private[streaming] case class SeriesState(
    time: Instant,
    ties: Array[Byte],
    seen: Long,
    timer: Long,
    inputs: Long,
    indicators: Array[Byte],
    waiting: Array[Byte]
)

/** Rows that wait, as bytes: a number for their columns, then each row's length and bytes. */
private[streaming] object WaitingRows {

  def encode(columns: Long, rows: Seq[SeriesRow]): Array[Byte] =
    if (rows.isEmpty) null
    else {
      val bytes = ByteBuffer.allocate(8 + rows.map(4 + _.packed.length).sum)
      bytes.putLong(columns)
      rows.foreach(row => bytes.putInt(row.packed.length).put(row.packed))
      bytes.array
    }

  /** The packed rows.
    *
    * @throws IllegalStateException
    *   if they have other columns
    */
  def decode(columns: Long, bytes: Array[Byte]): Iterator[Array[Byte]] =
    if (bytes == null) Iterator.empty
    else {
      val buffer = ByteBuffer.wrap(bytes)
      if (buffer.getLong != columns)
        throw new IllegalStateException(
          "rows that wait in the state of this checkpoint have other columns than the stream has now; " +
            "give the stream the columns that it had, or a new checkpoint"
        )
      Iterator.continually(buffer).takeWhile(_.hasRemaining).map { buffer =>
        val row = new Array[Byte](buffer.getInt)
        buffer.get(row)
        row
      }
    }
}
