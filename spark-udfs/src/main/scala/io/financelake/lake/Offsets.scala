package io.financelake.lake

import org.apache.spark.sql.{Column, DataFrame}
import org.apache.spark.sql.functions._

/** How far a Bronze table has the partitions of Kafka's topics: per topic and partition the next offset.
  *
  * They are the transaction identifiers that the Kafka Connect sink commits, so either of the two goes on
  * where the other one ended, and one of two that run at a time fails.
  */
final private[lake] case class Offsets(next: Map[(String, Int), Long]) {
  import Offsets._

  /** Whether a record of Kafka is not in the table. */
  def isNew: Column =
    next
      .map { case ((topic, partition), offset) =>
        col("topic") === topic && col("partition") === partition && col("offset") < offset
      }
      .reduceOption(_ || _)
      .fold(lit(true))(!_)

  /** What a commit that takes the table to other offsets does to the identifiers. */
  def applications(after: Map[(String, Int), Long]): Map[String, (Long, Long)] =
    after.map { case (place, offset) =>
      val (topic, partition) = place
      s"$Prefix/$topic/$partition" -> (next.getOrElse(place, 0L) -> offset)
    }
}

private[lake] object Offsets {

  /** What the identifiers of the sink begin with, too, unless its `delta.txn.app.prefix` says otherwise. */
  private val Prefix = "financelake"
  private val Application = s"$Prefix/([^/]+)/(\\d+)".r

  /** Those of a table. */
  def of(table: LakeTable): Offsets = Offsets(table.marks.collect {
    case (Application(topic, partition), offset) => (topic, partition.toInt) -> offset
  })

  /** The offsets after records. */
  def after(records: DataFrame): Map[(String, Int), Long] =
    records
      .groupBy("topic", "partition")
      .agg(max("offset"))
      .collect()
      .map(row => (row.getString(0), row.getInt(1)) -> (row.getLong(2) + 1))
      .toMap
}
