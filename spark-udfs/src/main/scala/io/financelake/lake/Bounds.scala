package io.financelake.lake

import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.functions._

/** What rows span, to read only the files near them: statistics and folders skip the others, so the work
  * does not grow with the table.
  */
final private[lake] case class Bounds(limits: Option[Seq[(String, Any, Any)]]) {

  /** Whether a row, its columns after a prefix, is inside. */
  def on(prefix: String): Column = limits.fold(lit(false))(_.map { case (name, low, high) =>
    col(prefix + name).between(low, high)
  }.reduce(_ && _))
}

private[lake] object Bounds {

  /** Of rows in these columns. */
  def of(rows: DataFrame, columns: Seq[String]): Bounds = {
    val ends = columns.flatMap(name => Seq(min(name), max(name)))
    val row = rows.agg(ends.head, ends.tail: _*).head()
    Bounds(
      if (row.isNullAt(0)) None
      else
        Some(columns.zipWithIndex.map { case (name, i) =>
          (name, row.get(2 * i), row.get(2 * i + 1))
        })
    )
  }
}
