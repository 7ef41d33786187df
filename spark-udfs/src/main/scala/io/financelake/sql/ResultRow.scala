package io.financelake.sql

import org.apache.spark.sql.catalyst.expressions.UnsafeRow
import org.apache.spark.sql.types.{DataType, FloatType, IntegerType, StructType}
import org.apache.spark.unsafe.Platform

/** The results of one row of a batch as a row of Spark's. A struct without any value is NULL itself.
  *
  * All results have a fixed size, structs too, so the row's layout never changes: it lies in one piece of memory, made
  * once, and each result is written to its place.
  */
final private[financelake] class ResultRow(results: Seq[ResultColumn], columns: NativeColumns) {
  private val fixed = UnsafeRow.calculateBitSetWidthInBytes(results.size) + 8 * results.size
  private val sizes = results.map { result =>
    result.dataType match {
      case struct: StructType =>
        UnsafeRow.calculateBitSetWidthInBytes(struct.size) + 8 * struct.size
      case _ => 0
    }
  }
  private val offsets = sizes.scanLeft(fixed)(_ + _)
  private val memory = new Array[Byte](offsets.last)
  private val row = rowAt(results.size, 0, offsets.last)

  private val fields = results.indices
    .map { ordinal =>
      val ResultColumn(output, _, dataType) = results(ordinal)
      dataType match {
        case struct: StructType =>
          val nested = rowAt(struct.size, offsets(ordinal), sizes(ordinal))
          val members = struct.indices.map(i => value(struct(i).dataType, output + i, i, nested))
          new Struct(members.toArray, ordinal, offsets(ordinal).toLong << 32 | sizes(ordinal))
        case other => value(other, output, ordinal, row)
      }
    }
    .toArray[Field]

  /** The results of the row; the object is used again for the next one. */
  def at(index: Int): UnsafeRow = {
    var field = 0
    while (field < fields.length) {
      fields(field).write(index)
      field += 1
    }
    row
  }

  private def rowAt(fields: Int, offset: Int, size: Int): UnsafeRow = {
    val at = new UnsafeRow(fields)
    at.pointTo(memory, Platform.BYTE_ARRAY_OFFSET + offset, size)
    at
  }

  private def value(kind: DataType, output: Int, ordinal: Int, target: UnsafeRow): Field =
    kind match {
      case IntegerType => new IntValue(output, ordinal, target)
      case FloatType   => new FloatValue(output, ordinal, target)
      case _           => new DoubleValue(output, ordinal, target)
    }

  /** A place in the row. */
  sealed abstract private class Field {

    /** Writes the result of the row of this index; false if it is NULL. */
    def write(index: Int): Boolean
  }

  final private class DoubleValue(output: Int, ordinal: Int, target: UnsafeRow) extends Field {
    override def write(index: Int): Boolean = {
      val isNull = columns.isNull(output, index)
      if (isNull) target.setNullAt(ordinal)
      else target.setDouble(ordinal, columns.double(output, index))
      !isNull
    }
  }

  final private class IntValue(output: Int, ordinal: Int, target: UnsafeRow) extends Field {
    override def write(index: Int): Boolean = {
      val isNull = columns.isNull(output, index)
      if (isNull) target.setNullAt(ordinal)
      else {
        // All eight bytes: rows are compared by their bytes.
        target.setLong(ordinal, 0L)
        target.setInt(ordinal, columns.int(output, index))
      }
      !isNull
    }
  }

  final private class FloatValue(output: Int, ordinal: Int, target: UnsafeRow) extends Field {
    override def write(index: Int): Boolean = {
      val isNull = columns.isNull(output, index)
      if (isNull) target.setNullAt(ordinal)
      else {
        target.setLong(ordinal, 0L)
        target.setFloat(ordinal, columns.float(output, index))
      }
      !isNull
    }
  }

  final private class Struct(members: Array[Field], ordinal: Int, place: Long) extends Field {
    override def write(index: Int): Boolean = {
      var any = false
      var member = 0
      while (member < members.length) {
        any |= members(member).write(index)
        member += 1
      }
      if (any) row.setLong(ordinal, place) else row.setNullAt(ordinal)
      any
    }
  }
}
