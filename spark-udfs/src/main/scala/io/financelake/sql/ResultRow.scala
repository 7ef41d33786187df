package io.financelake.sql

import org.apache.spark.sql.catalyst.expressions.UnsafeRow
import org.apache.spark.sql.catalyst.expressions.codegen.UnsafeRowWriter
import org.apache.spark.sql.types.{DataType, IntegerType, StructType}

/** The results of one row of a batch as a row of Spark's. A struct without any value is NULL itself. */
final private[sql] class ResultRow(results: Seq[ResultColumn], columns: NativeColumns) {
  private val writer = new UnsafeRowWriter(results.size, 32 * results.size)
  private val fields = results.zipWithIndex
    .map { case (result, ordinal) =>
      result.dataType match {
        case struct: StructType => new Fields(struct, result.firstOutput, ordinal)
        case IntegerType        => new IntField(result.firstOutput, ordinal, writer)
        case _                  => new DoubleField(result.firstOutput, ordinal, writer)
      }
    }
    .toArray[Field]

  /** The results of the row; the object is used again for the next one. */
  def at(row: Int): UnsafeRow = {
    writer.reset()
    writer.zeroOutNullBytes()
    var field = 0
    while (field < fields.length) {
      fields(field).write(row)
      field += 1
    }
    writer.getRow
  }

  sealed private trait Field {
    def write(row: Int): Unit
  }

  final private class DoubleField(output: Int, ordinal: Int, to: UnsafeRowWriter) extends Field {
    override def write(row: Int): Unit =
      if (columns.isNull(output, row)) to.setNullAt(ordinal)
      else to.write(ordinal, columns.double(output, row))
  }

  final private class IntField(output: Int, ordinal: Int, to: UnsafeRowWriter) extends Field {
    override def write(row: Int): Unit =
      if (columns.isNull(output, row)) to.setNullAt(ordinal)
      else to.write(ordinal, columns.int(output, row))
  }

  final private class Fields(struct: StructType, firstOutput: Int, ordinal: Int) extends Field {
    private val nested = new UnsafeRowWriter(writer, struct.size)
    private val members = struct
      .map(_.dataType)
      .zipWithIndex
      .map { case (kind, index) =>
        member(kind, index)
      }
      .toArray[Field]

    private def member(kind: DataType, index: Int): Field = kind match {
      case IntegerType => new IntField(firstOutput + index, index, nested)
      case _           => new DoubleField(firstOutput + index, index, nested)
    }

    private def isNull(row: Int): Boolean = {
      var output = firstOutput
      while (output < firstOutput + members.length && columns.isNull(output, row)) output += 1
      output == firstOutput + members.length
    }

    override def write(row: Int): Unit =
      if (isNull(row)) writer.setNullAt(ordinal)
      else {
        val start = writer.cursor()
        nested.resetRowWriter()
        var member = 0
        while (member < members.length) {
          members(member).write(row)
          member += 1
        }
        writer.setOffsetAndSizeFromPreviousCursor(ordinal, start)
      }
  }
}
