package io.financelake.market

import java.nio.charset.StandardCharsets.UTF_8

import io.financelake.jni.{NativeRecordBatch, NativeRecords}
import org.apache.spark.sql.types._
import org.apache.spark.unsafe.Platform

/** The outcome of one call of the native rules: the columns of [[RecordColumns]] in one block of
  * memory outside the heap, which lives until `close`.
  */
final private[market] class DecodedBatch private (address: Long, places: Array[Long], val rows: Int)
    extends AutoCloseable {
  import DecodedBatch._

  private var open = true

  /** One cell, null where there is no value; times in microseconds, days since 1970-01-01. */
  def cell(column: Int, row: Int): Any = {
    val place = column * NativeRecordBatch.PLACES_PER_COLUMN
    val bits = Platform.getByte(null, address + places(place) + row / 8)
    if ((bits >> (row % 8) & 1) == 0) null
    else {
      val values = address + places(place + 2)
      types(column) match {
        case StringType    => text(address + places(place + 1) + 4L * row, values)
        case DoubleType    => Platform.getDouble(null, values + 8L * row)
        case LongType      => Platform.getLong(null, values + 8L * row)
        case IntegerType   => Platform.getInt(null, values + 4L * row)
        case BooleanType   => Platform.getByte(null, values + row) != 0
        case other: Object => throw new IllegalStateException(s"no cells of type $other")
      }
    }
  }

  private def text(offsets: Long, bytes: Long): String = {
    val start = Platform.getInt(null, offsets)
    val copy = new Array[Byte](Platform.getInt(null, offsets + 4) - start)
    Platform.copyMemory(null, bytes + start, copy, Platform.BYTE_ARRAY_OFFSET, copy.length.toLong)
    new String(copy, UTF_8)
  }

  override def close(): Unit = if (open) {
    open = false
    Platform.freeMemory(address)
  }
}

private[market] object DecodedBatch {
  private val types = RecordColumns.encoded.map(_.dataType).toArray

  /** Decides the records, each received at its time in microseconds, in one native call. */
  def decode(
      parser: NativeRecords,
      records: Array[Array[Byte]],
      received: Array[Long],
      rows: Int
  ): DecodedBatch = {
    val offsetBytes = (4L * (rows + 1) + 7) / 8 * 8
    val valuesStart = offsetBytes + 8L * rows
    val valueBytes = (0 until rows).foldLeft(0L)(_ + records(_).length)
    val input = Platform.allocateMemory(valuesStart + valueBytes)
    try {
      var end = 0
      Platform.putInt(null, input, end)
      for (row <- 0 until rows) {
        val bytes = records(row)
        val target = input + valuesStart + end
        Platform.copyMemory(bytes, Platform.BYTE_ARRAY_OFFSET, null, target, bytes.length.toLong)
        end += bytes.length
        Platform.putInt(null, input + 4L * (row + 1), end)
        Platform.putLong(null, input + offsetBytes + 8L * row, received(row))
      }
      val batch = parser.parse(input + valuesStart, input, input + offsetBytes, rows)
      try drained(batch)
      finally batch.close()
    } finally Platform.freeMemory(input)
  }

  private def drained(batch: NativeRecordBatch): DecodedBatch = {
    val rows = batch.rows()
    val size = batch.byteSize()
    val places = new Array[Long](types.length * NativeRecordBatch.PLACES_PER_COLUMN)
    val block = Platform.allocateMemory(size.max(8))
    try {
      batch.drain(block, size, places)
      new DecodedBatch(block, places, rows)
    } catch {
      case failure: Throwable =>
        Platform.freeMemory(block)
        throw failure
    }
  }
}
