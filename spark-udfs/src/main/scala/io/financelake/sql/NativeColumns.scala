package io.financelake.sql

import org.apache.spark.TaskContext
import org.apache.spark.sql.types.{DataType, IntegerType}
import org.apache.spark.unsafe.Platform

import io.financelake.jni.NativeIndicators

/** The columns of one batch outside the heap, inputs and outputs, and the native program over them.
  *
  * They are one block, allocated with the first row and freed by [[close]], like the native state. A bitmap of an input has every bit set at
  * the start of a batch; a NULL clears one, and a column without NULL passes no bitmap at all.
  */
final private[sql] class NativeColumns(
    program: IndicatorProgram,
    batchRows: Int,
    context: TaskContext
) extends AutoCloseable {
  import NativeColumns._

  private val widths: Seq[Int] =
    Seq.fill(program.inputs.size)(8) ++ program.outputs.map(width)

  /** Rows of a batch: fewer than asked for when there are very many columns. */
  val capacity: Int = {
    val affordable = MaxBytes / (widths.sum + widths.size + 4)
    math.max(1, math.min(batchRows, affordable))
  }

  private val bitmap = roundUp((capacity + 7L) / 8)
  private val places =
    widths.scanLeft(0L)((at, width) => at + roundUp(width.toLong * capacity) + bitmap)

  private val blockBytes = places.last + roundUp(4L * capacity)
  private val historyBytes = NativeIndicators.memoryNeeded(program.request)

  /** All memory outside the heap. */
  val bytes: Long = blockBytes + historyBytes

  private var base = 0L
  private var native: NativeIndicators = _
  private var reserved: ReservedMemory = _
  private var startCount = 0

  private val inputs = program.inputs.size
  private val inputValues = new Array[Long](inputs)
  private val inputBits = new Array[Long](inputs)
  private val hasNull = new Array[Boolean](inputs)
  private val passedBits = new Array[Long](inputs)
  private val outputValues = new Array[Long](program.outputs.size)
  private val outputBits = new Array[Long](program.outputs.size)
  private var starts = 0L

  /** Makes the columns ready for the next batch. */
  def clear(): Unit = {
    if (base == 0) open()
    startCount = 0
    var column = 0
    while (column < inputs) {
      if (hasNull(column)) {
        Platform.setMemory(inputBits(column), 0xff.toByte, bitmap)
        hasNull(column) = false
      }
      column += 1
    }
  }

  private def open(): Unit = {
    if (historyBytes > MaxUnreserved) reserved = ReservedMemory.of(context, historyBytes)
    native = NativeIndicators.compile(program.request)
    base = Platform.allocateMemory(blockBytes)
    for (column <- widths.indices) {
      val values = base + places(column)
      val bits = values + roundUp(widths(column).toLong * capacity)
      if (column < inputs) {
        inputValues(column) = values
        inputBits(column) = bits
        hasNull(column) = true
      } else {
        outputValues(column - inputs) = values
        outputBits(column - inputs) = bits
      }
    }
    starts = base + places.last
  }

  /** Groups that began in this batch. */
  def groups: Int = startCount

  def beginGroup(row: Int): Unit = {
    Platform.putInt(null, starts + 4L * startCount, row)
    startCount += 1
  }

  def put(column: Int, row: Int, value: Double): Unit =
    Platform.putDouble(null, inputValues(column) + 8L * row, value)

  def putNull(column: Int, row: Int): Unit = {
    put(column, row, 0)
    val byte = inputBits(column) + (row >> 3)
    Platform.putByte(null, byte, (Platform.getByte(null, byte) & ~(1 << (row & 7))).toByte)
    hasNull(column) = true
  }

  /** Computes all indicators of the rows that were put. */
  def compute(rows: Int): Unit = {
    var column = 0
    while (column < inputs) {
      passedBits(column) = if (hasNull(column)) inputBits(column) else 0L
      column += 1
    }
    native.run(rows, inputValues, passedBits, starts, startCount, outputValues, outputBits)
  }

  def isNull(output: Int, row: Int): Boolean =
    (Platform.getByte(null, outputBits(output) + (row >> 3)) >> (row & 7) & 1) == 0

  def double(output: Int, row: Int): Double =
    Platform.getDouble(null, outputValues(output) + 8L * row)

  def int(output: Int, row: Int): Int = Platform.getInt(null, outputValues(output) + 4L * row)

  override def close(): Unit = {
    if (native != null) native.close()
    native = null
    if (base != 0) Platform.freeMemory(base)
    base = 0
    if (reserved != null) reserved.close()
    reserved = null
  }
}

private[sql] object NativeColumns {

  /** Limit of the block. */
  private val MaxBytes = 8 << 20

  /** Histories of long periods beyond this are reserved from Spark's memory manager first; with the block
    * and the rows of a batch, 16 MiB may be in use without.
    */
  private val MaxUnreserved = 4 << 20

  private def width(dataType: DataType): Int = dataType match {
    case IntegerType => 4
    case _           => 8
  }

  private def roundUp(bytes: Long): Long = (bytes + 7) / 8 * 8
}
