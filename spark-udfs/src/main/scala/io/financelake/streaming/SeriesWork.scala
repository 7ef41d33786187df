package io.financelake.streaming

import java.nio.charset.StandardCharsets

import org.apache.spark.sql.catalyst.expressions.{Attribute, UnsafeRow, XXH64}
import org.apache.spark.sql.types._
import org.apache.spark.unsafe.Platform

import io.financelake.sql.IndicatorProgram

/** What a task of a stream needs to know, sent to it once.
  *
  * @param row
  *   columns of the packed rows, which the inputs of the program are expressions over
  * @param order
  *   ordinals of the time and the tie-breakers in these rows
  * @param delay
  *   microseconds of event time that a row waits for others
  * @param update
  *   whether rows are given out at once and corrected later
  * @param flushAfter
  *   milliseconds of the clock after which the waiting rows of a silent series are final; 0 for never
  * @param expireAfter
  *   milliseconds of the clock after which a silent series is forgotten; 0 for never
  */
final private[streaming] case class SeriesWork(
    program: IndicatorProgram,
    row: Seq[Attribute],
    order: Seq[Int],
    delay: Long,
    update: Boolean,
    flushAfter: Long,
    expireAfter: Long,
    batchRows: Int
) {

  /** A number for the inputs of the indicators and the order of the rows. */
  val inputs: Long = SeriesWork.number(
    (program.inputs.map(_.sql) ++ order.map(row(_).sql)).mkString(", ")
  )

  /** A number for the columns of waiting rows. */
  val columns: Long = SeriesWork.number(row.map(a => s"${a.sql} ${a.dataType.sql}").mkString(", "))

  def hasTimers: Boolean = flushAfter > 0 || expireAfter > 0
}

private[streaming] object SeriesWork {

  private def number(text: String): Long = {
    val bytes = text.getBytes(StandardCharsets.UTF_8)
    XXH64.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET.toLong, bytes.length, 42L)
  }

  /** Types that rows can be ordered by first. */
  def isTime(kind: DataType): Boolean = kind match {
    case TimestampType | TimestampNTZType | DateType => true
    case _                                           => false
  }

  /** Types of tie-breakers. */
  def isTie(kind: DataType): Boolean = kind match {
    case ByteType | ShortType | IntegerType | LongType => true
    case other                                         => isTime(other)
  }

  /** How to read a value of the order as a number; times in microseconds. */
  def reader(kind: DataType, ordinal: Int): UnsafeRow => Long = kind match {
    case ByteType    => _.getByte(ordinal).toLong
    case ShortType   => _.getShort(ordinal).toLong
    case IntegerType => _.getInt(ordinal).toLong
    case DateType    => _.getInt(ordinal) * 86400000000L
    case _           => _.getLong(ordinal)
  }
}
