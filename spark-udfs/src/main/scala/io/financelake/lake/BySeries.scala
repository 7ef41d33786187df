package io.financelake.lake

import scala.collection.mutable.ArrayBuffer

import org.apache.spark.sql.Row

/** Rows that come series after series, as one group per series. */
private[financelake] object BySeries {

  /** Applies a function to the rows of each series.
    *
    * @param rows
    *   sorted by series, which is their first column
    */
  def flatMap(rows: Iterator[Row])(of: Seq[Row] => Iterator[Row]): Iterator[Row] = {
    val buffered = rows.buffered
    Iterator
      .continually(())
      .takeWhile(_ => buffered.hasNext)
      .flatMap { _ =>
        val series = buffered.head.getString(0)
        val own = ArrayBuffer.empty[Row]
        while (buffered.hasNext && buffered.head.getString(0) == series) own += buffered.next()
        of(own.toSeq)
      }
  }
}
