package io.financelake.sql

import org.apache.spark.sql.types.{DataType, IntegerType}
import org.apache.spark.unsafe.Platform

import io.financelake.jni.NativeIndicators

/** Indicators of one group straight from the native library, in one call: what the operator must
  * give in the same bits, however it cuts the rows into batches.
  */
object DirectIndicators {

  /** The results of every row, with the bits of DOUBLE values in place of the values.
    *
    * @param columns
    *   the input columns; `None` is NULL
    * @param outputs
    *   the type of each output of the request
    */
  def run(
      request: String,
      columns: Seq[Seq[Option[Double]]],
      outputs: Seq[DataType]
  ): Seq[Seq[Option[Long]]] = {
    val rows = columns.head.size
    val values = columns.map(_ => 8L * rows) ++ outputs.map(_ => 8L * rows)
    val bits = (rows + 63) / 64 * 8L
    val base = Platform.allocateMemory(values.sum + values.size * bits + 8)
    val native = NativeIndicators.compile(request)
    try {
      val addresses = values.scanLeft(base)((at, size) => at + size + bits)
      val (in, out) = addresses.init.splitAt(columns.size)
      def validity(column: Long): Long = column + 8L * rows
      Platform.setMemory(base, 0, values.sum + values.size * bits)
      for ((column, at) <- columns.zip(in); (value, row) <- column.zipWithIndex; v <- value) {
        Platform.putDouble(null, at + 8L * row, v)
        val byte = validity(at) + row / 8
        Platform.putByte(null, byte, (Platform.getByte(null, byte) | 1 << row % 8).toByte)
      }
      val starts = addresses.last
      Platform.putInt(null, starts, 0)
      native.run(
        rows,
        in.toArray,
        in.map(validity).toArray,
        starts,
        1,
        out.toArray,
        out.map(validity).toArray
      )
      for (row <- 0 until rows) yield outputs.zip(out).map { case (kind, at) =>
        val known = (Platform.getByte(null, validity(at) + row / 8) >> row % 8 & 1) == 1
        Option.when(known)(kind match {
          case IntegerType => Platform.getInt(null, at + 4L * row).toLong
          case _           => Platform.getLong(null, at + 8L * row)
        })
      }
    } finally {
      native.close()
      Platform.freeMemory(base)
    }
  }
}
