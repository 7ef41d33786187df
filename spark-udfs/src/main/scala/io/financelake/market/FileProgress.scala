package io.financelake.market

import scala.collection.mutable

import org.apache.spark.sql.Row
import org.apache.spark.util.AccumulatorV2

/** What became of the records of a file. */
final case class FileCount(
    name: String,
    records: Long,
    accepted: Long,
    blank: Long,
    seconds: Double
) {
  def refused: Long = records - accepted - blank
}

/** Tells the driver about each file when its task has ended.
  *
  * @param report
  *   called on the driver, on a thread of Spark's scheduler
  */
final class FileProgress(@transient report: FileCount => Unit)
    extends AccumulatorV2[FileCount, Seq[FileCount]] {
  private val counts = mutable.ArrayBuffer.empty[FileCount]

  /** Passes decoded rows on and counts them by their reason, which is at a place of the row. */
  def counting(name: String, reason: Int, rows: Iterator[Row]): Iterator[Row] = new Iterator[Row] {
    private val start = System.nanoTime()
    private var records, accepted, blank = 0L
    private var counted = false

    override def hasNext: Boolean = {
      val more = rows.hasNext
      if (!more && !counted) {
        counted = true
        add(FileCount(name, records, accepted, blank, (System.nanoTime() - start) / 1e9))
      }
      more
    }

    override def next(): Row = {
      val row = rows.next()
      records += 1
      row.get(reason) match {
        case null         => accepted += 1
        case "empty_line" => blank += 1
        case _            => ()
      }
      row
    }
  }

  override def add(count: FileCount): Unit = counts += count
  override def merge(other: AccumulatorV2[FileCount, Seq[FileCount]]): Unit =
    other.value.foreach { count =>
      counts += count
      if (report != null) report(count)
    }
  override def value: Seq[FileCount] = counts.toSeq
  override def isZero: Boolean = counts.isEmpty
  override def reset(): Unit = counts.clear()
  override def copy(): FileProgress = {
    val copied = new FileProgress(report)
    copied.counts ++= counts
    copied
  }
}
