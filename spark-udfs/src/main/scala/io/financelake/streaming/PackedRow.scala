package io.financelake.streaming

import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.catalyst.expressions.{
  Expression,
  UnaryExpression,
  UnsafeProjection,
  UnsafeRow
}
import org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback
import org.apache.spark.sql.types.{BinaryType, DataType, StructType}

/** A row as the bytes of Spark's own row format: it goes through the stateful operator and waits in its state as it is,
  * without being taken apart into objects.
  */
final private[streaming] case class PackedRow(financelake_row: Array[Byte])

private[streaming] object PackedRow {

  /** The name of the column, which is the name of the field above. */
  val column = "financelake_row"
}

/** The values of the children as one packed row. */
private[streaming] case class PackRow(children: Seq[Expression])
    extends Expression
    with CodegenFallback {
  @transient private lazy val projection = UnsafeProjection.create(children)

  override def dataType: DataType = BinaryType
  override def nullable: Boolean = false
  override def eval(input: InternalRow): Any = projection(input).getBytes

  override protected def withNewChildrenInternal(
      newChildren: IndexedSeq[Expression]
  ): Expression = copy(children = newChildren)
}

/** A packed row as a struct. */
private[streaming] case class UnpackRow(child: Expression, schema: StructType)
    extends UnaryExpression
    with CodegenFallback {
  override def dataType: DataType = schema

  override protected def nullSafeEval(packed: Any): Any = UnpackRow.row(
    new UnsafeRow(schema.size),
    packed.asInstanceOf[Array[Byte]]
  )

  override protected def withNewChildInternal(newChild: Expression): Expression =
    copy(child = newChild)
}

private[streaming] object UnpackRow {

  /** Makes `row` point at the packed one. */
  def row(row: UnsafeRow, packed: Array[Byte]): UnsafeRow = {
    row.pointTo(packed, packed.length)
    row
  }
}
