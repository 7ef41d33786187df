package io.financelake.sql

import java.lang.ref.Cleaner

import org.apache.spark.{TaskContext, TaskKilledException}
import org.apache.spark.sql.types.{DataType, FloatType, IntegerType}
import org.apache.spark.unsafe.Platform

import io.financelake.jni.NativeIndicators

/** The columns of one batch outside the heap, inputs and outputs, and the native program over them.
  *
  * They are one block, allocated with the first row and freed by [[close]], like the native state. A
  * bitmap of an input has every bit set at the start of a batch; a NULL clears one, and a column without
  * NULL passes no bitmap at all.
  *
  * Some operators above, such as TRANSFORM, read rows in a thread of their own, which may go on for a
  * while after the task has ended. The block must not vanish under it: it is then freed when nothing
  * refers to it any more.
  */
final private[financelake] class NativeColumns(
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

  private val owner = Thread.currentThread()
  private var shared = false
  private var closed = false
  private var block: Block = _
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

  /** Must come before rows are read or written: notices a thread that is not the task's own. */
  def enter(): Unit = if ((Thread.currentThread() ne owner) && !shared) share()

  private def share(): Unit = synchronized {
    requireOpen()
    shared = true
  }

  private def requireOpen(): Unit =
    if (closed) throw new TaskKilledException("the task has ended")

  /** Makes the columns ready for the next batch. */
  def clear(): Unit = {
    synchronized {
      requireOpen()
      if (block == null) open()
    }
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

  /** Goes on from a saved state, or from the beginning without one, and makes the columns ready. */
  def resume(state: Array[Byte]): Unit = {
    clear()
    if (state == null) native.reset() else native.restore(state)
  }

  /** The state after the rows that were computed. */
  def save(): Array[Byte] = native.save()

  private def open(): Unit = {
    if (historyBytes > MaxUnreserved) reserved = ReservedMemory.of(context, historyBytes)
    native = program.compile()
    block = new Block(blockBytes)
    val base = block.address
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

  def float(output: Int, row: Int): Float =
    Platform.getFloat(null, outputValues(output) + 4L * row)

  def int(output: Int, row: Int): Int = Platform.getInt(null, outputValues(output) + 4L * row)

  override def close(): Unit = synchronized {
    if (!closed) {
      closed = true
      // Safe while another thread runs it: the native side frees it after that call.
      if (native != null) native.close()
      if (block != null && !shared && (Thread.currentThread() eq owner)) block.free()
      if (reserved != null) reserved.close()
    }
  }
}

private[financelake] object NativeColumns {
  private val cleaner = Cleaner.create()

  /** Memory outside the heap, freed once: by [[free]], or when nothing refers to this object any more. */
  final private class Block(bytes: Long) {
    val address: Long = Platform.allocateMemory(bytes)
    private val cleanable = cleaner.register(this, freeing(address))

    def free(): Unit = cleanable.clean()
  }

  /** Refers to the address alone, not to the block. */
  private def freeing(address: Long): Runnable = () => Platform.freeMemory(address)

  /** Limit of the block. */
  private val MaxBytes = 8 << 20

  /** Histories of long periods beyond this are reserved from Spark's memory manager first; with the block
    * and the rows of a batch, 16 MiB may be in use without.
    */
  private val MaxUnreserved = 4 << 20

  private def width(dataType: DataType): Int = dataType match {
    case IntegerType | FloatType => 4
    case _                       => 8
  }

  private def roundUp(bytes: Long): Long = (bytes + 7) / 8 * 8
}
