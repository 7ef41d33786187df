package io.financelake.sql

import org.apache.spark.sql.catalyst.expressions.{
  Attribute,
  AttributeReference,
  UnsafeProjection,
  UnsafeRow
}
import org.apache.spark.sql.types.DoubleType

/** Copies the inputs of a row into the native columns. */
final private[financelake] class InputReader(
    program: IndicatorProgram,
    rowOutput: Seq[Attribute],
    partitionIndex: Int,
    columns: NativeColumns
) {
  private val width = program.inputs.size

  /** Where the inputs stand in the rows, if all of them are plain DOUBLE columns. */
  private val places: Option[Array[Int]] = {
    val found = program.inputs.map {
      case a: AttributeReference if a.dataType == DoubleType =>
        rowOutput.indexWhere(_.exprId == a.exprId)
      case _ => -1
    }
    Option.when(!found.contains(-1))(found.toArray)
  }
  private val projection = Option
    .when(places.isEmpty) {
      val projection = UnsafeProjection.create(program.inputs, rowOutput)
      projection.initialize(partitionIndex)
      projection
    }
    .orNull
  private val ordinals = places.getOrElse(Array.range(0, width))

  /** Puts the inputs of the row at this index of the batch. */
  def read(row: UnsafeRow, index: Int): Unit = {
    val source = if (projection == null) row else projection(row)
    var column = 0
    while (column < width) {
      val ordinal = ordinals(column)
      if (source.isNullAt(ordinal)) columns.putNull(column, index)
      else columns.put(column, index, source.getDouble(ordinal))
      column += 1
    }
  }
}
