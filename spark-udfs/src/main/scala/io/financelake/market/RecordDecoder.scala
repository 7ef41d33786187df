package io.financelake.market

import scala.collection.mutable

import io.financelake.jni.NativeRecords
import org.apache.spark.{TaskContext, TaskKilledException}
import org.apache.spark.sql.Row

/** A record as it was received.
  *
  * @param value
  *   its bytes
  * @param received
  *   when, in microseconds since 1970-01-01T00:00Z
  * @param settings
  *   how it is read
  * @param origin
  *   what stands before the decoded columns in the resulting row
  */
final case class RawRecord(
    value: Array[Byte],
    received: Long,
    settings: RecordSettings,
    origin: Seq[Any]
)

/** Sends records through the native rules in batches, one native call each, within one Spark task.
  *
  * A batch is bounded in rows and bytes, so the memory outside the heap stays below about 16 MiB.
  * All of it, with the parsers, is freed when the task ends, however it ends.
  *
  * @param reference
  *   the instruments reference as CSV, or nothing
  */
final class RecordDecoder private (reference: String) {
  import RecordDecoder._

  private val parsers = mutable.Map.empty[RecordSettings, NativeRecords]
  private var current: Option[DecodedBatch] = None

  /** Per record its origin, the columns of [[RecordColumns.encoded]], and the versions of the rules
    * and of the reference.
    */
  def decode(records: Iterator[RawRecord]): Iterator[Row] = batches(records.buffered).flatten

  private def batches(records: scala.collection.BufferedIterator[RawRecord]) =
    new Iterator[Iterator[Row]] {
      override def hasNext: Boolean = records.hasNext
      override def next(): Iterator[Row] = {
        stopIfKilled()
        val settings = records.head.settings
        val batch = mutable.ArrayBuffer.empty[RawRecord]
        var bytes = 0L
        while (
          batch.length < MaxRows && bytes < MaxBytes && records.hasNext &&
          records.head.settings == settings
        ) {
          batch += records.next()
          bytes += batch.last.value.length
        }
        rows(settings, batch.toArray)
      }
    }

  private def rows(settings: RecordSettings, batch: Array[RawRecord]): Iterator[Row] = {
    val parser = parsers.getOrElseUpdate(
      settings,
      NativeRecords.open(settings.withReference(reference))
    )
    val versions = Seq[Any](NativeRecords.ruleVersion(), parser.referenceVersion())
    current.foreach(_.close())
    val decoded =
      DecodedBatch.decode(parser, batch.map(_.value), batch.map(_.received), batch.length)
    current = Some(decoded)
    batch.indices.iterator.map { row =>
      val cells = Array.tabulate[Any](width)(decoded.cell(_, row))
      Row.fromSeq(batch(row).origin ++ cells ++ versions)
    }
  }

  private def close(): Unit = {
    current.foreach(_.close())
    current = None
    parsers.values.foreach(_.close())
    parsers.clear()
  }
}

object RecordDecoder {

  /** Some thousand records cost far more than the call itself, and fit into the processor's cache. */
  private val MaxRows = 4096
  private val MaxBytes = 2L << 20
  private val width = RecordColumns.encoded.length

  /** A decoder that is closed when the running task ends. */
  def ofTask(reference: String): RecordDecoder = {
    val decoder = new RecordDecoder(reference)
    TaskContext.get().addTaskCompletionListener[Unit](_ => decoder.close())
    decoder
  }

  private def stopIfKilled(): Unit = {
    val task = TaskContext.get()
    if (task != null && task.isInterrupted()) throw new TaskKilledException
  }
}
