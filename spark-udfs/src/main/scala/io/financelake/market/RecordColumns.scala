package io.financelake.market

import io.financelake.jni.NativeRecords
import org.apache.spark.sql.types._

/** The columns that the native rules give for a record. Their list is Rust's. */
object RecordColumns {

  /** Names and types, in order. */
  val schema: StructType = StructType.fromDDL(NativeRecords.schema())

  /** The same columns with times and days as numbers, which no session time zone touches. */
  val encoded: StructType = StructType(schema.map { field =>
    field.dataType match {
      case TimestampType => field.copy(dataType = LongType)
      case DateType      => field.copy(dataType = IntegerType)
      case _             => field
    }
  })
}
