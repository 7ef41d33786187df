package io.financelake.table

import java.util
import java.util.Collections

import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.catalyst.InternalRow
import org.apache.spark.sql.connector.catalog.procedures.{
  BoundProcedure,
  ProcedureParameter,
  UnboundProcedure
}
import org.apache.spark.sql.connector.read.{LocalScan, Scan}
import org.apache.spark.sql.types._
import org.apache.spark.unsafe.types.UTF8String

/** A procedure of `financelake.system`: its parameters, and a table of one row as its result. */
abstract class Procedure(
    override val name: String,
    override val description: String,
    override val parameters: Array[ProcedureParameter],
    result: StructType
) extends UnboundProcedure
    with BoundProcedure {

  /** Does the work; the values are those of the parameters, in their order. */
  protected def run(spark: SparkSession, values: InternalRow): Seq[Any]

  override def bind(inputType: StructType): BoundProcedure = this

  override def isDeterministic: Boolean = false

  override def call(values: InternalRow): util.Iterator[Scan] = {
    val spark = SparkSession.active
    Versions.check(name)
    val context = spark.sparkContext
    context.setJobGroup(s"financelake:$name:${util.UUID.randomUUID()}", s"financelake $name")
    try {
      val row = run(spark, values).map {
        case text: String => UTF8String.fromString(text)
        case Some(value)  => value
        case None         => null
        case value        => value
      }
      Collections.singletonList[Scan](Procedure.Row(result, InternalRow.fromSeq(row))).iterator()
    } finally context.clearJobGroup()
  }

  protected def text(values: InternalRow, index: Int): Option[String] =
    Option(values.getUTF8String(index)).map(_.toString)
}

object Procedure {
  final private case class Row(schema: StructType, row: InternalRow) extends LocalScan {
    override def rows(): Array[InternalRow] = Array(row)
    override def readSchema(): StructType = schema
  }

  def required(name: String, dataType: DataType, comment: String): ProcedureParameter =
    ProcedureParameter.in(name, dataType).comment(comment).build()

  def optional(
      name: String,
      dataType: DataType,
      default: String,
      comment: String
  ): ProcedureParameter =
    ProcedureParameter.in(name, dataType).comment(comment).defaultValue(default).build()
}
