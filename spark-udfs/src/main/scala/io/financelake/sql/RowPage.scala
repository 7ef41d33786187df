package io.financelake.sql

import org.apache.spark.sql.catalyst.expressions.UnsafeRow
import org.apache.spark.unsafe.Platform

/** Copies of the rows of one batch, one behind the other: the child reuses its row, and they are given
  * out after the whole batch was computed.
  */
final private[sql] class RowPage(capacity: Int) {
  private var memory = new Array[Byte](RowPage.InitialBytes)
  private val ends = new Array[Int](capacity + 1)
  private var count = 0

  def size: Int = count

  def bytes: Long = memory.length.toLong + 4L * ends.length

  def hasRoom: Boolean = count < capacity && ends(count) < RowPage.MaxBytes

  def clear(): Unit = count = 0

  def append(row: UnsafeRow): Unit = {
    val start = ends(count)
    val end = Math.addExact(start, row.getSizeInBytes)
    if (end > memory.length) {
      val doubled = math.min(memory.length * 2L, RowPage.MaxBytes.toLong)
      memory = java.util.Arrays.copyOf(memory, math.max(doubled, end.toLong).toInt)
    }
    Platform.copyMemory(
      row.getBaseObject,
      row.getBaseOffset,
      memory,
      Platform.BYTE_ARRAY_OFFSET + start,
      row.getSizeInBytes.toLong
    )
    count += 1
    ends(count) = end
  }

  /** Makes `row` point at the row of this index, until the page is cleared. */
  def read(index: Int, row: UnsafeRow): Unit =
    row.pointTo(
      memory,
      Platform.BYTE_ARRAY_OFFSET + ends(index),
      ends(index + 1) - ends(index)
    )
}

private[sql] object RowPage {
  private val InitialBytes = 64 << 10

  /** A batch ends when it has this many bytes of rows; one larger row still is a batch. */
  private val MaxBytes = 4 << 20
}
