package io.financelake.lake

import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.functions._
import org.apache.spark.storage.StorageLevel

/** Decides refused records again, by the rules and the reference of today. */
final class Replay(lake: Lake, reference: String) {
  import Replay._
  private val decoding = new Decoding(lake, reference)

  /** Works on a table, in at most one commit. A row whose outcome changed is replaced; a header says
    * what it was before. Accepted rows count as arriving now: what has their key already, stands.
    *
    * @param reason
    *   only records that were refused for this one
    * @param at
    *   now, in microseconds
    */
  def run(layout: Layout, reason: Option[String], at: Long): Replayed = {
    val table = lake.table(layout)
    val refused = Bronze.refused(table.rows, reason).persist(StorageLevel.MEMORY_AND_DISK)
    try {
      val decoded = decoding.again(refused).persist(StorageLevel.MEMORY_AND_DISK)
      val decided = decoding.decided(decoded)
      val changed = replacements(refused, decided, at).persist(StorageLevel.MEMORY_AND_DISK)
      try {
        // All counts before the commit: it makes Spark compute again what was read from the table.
        val records = refused.count()
        val replaced = changed.count()
        val accepted = changed.where(col("reason").isNull).count()
        val outcome =
          if (replaced == 0) Outcome.unchanged(table)
          else {
            val same = place.map(name => col(s"t.$name") === col(s"s.$name")).reduce(_ && _)
            val marker = Marker("financelake:replay", table.version + 1)
            table.merge(changed, same && col("t.region") === Layout.Invalid, lit(true), marker)
            Outcome.committed(table, replaced)
          }
        Replayed(outcome, records, accepted)
      } finally {
        changed.unpersist()
        decoded.unpersist()
      }
    } finally refused.unpersist()
  }

  /** Of `decided`, the rows that are not refused as before, with a header that says what they were. */
  private def replacements(refused: DataFrame, decided: DataFrame, at: Long): DataFrame = {
    val was = Seq("reason", "detail", "rule_version", "ref_version")
    val before =
      refused.select((place :+ "headers").map(col) :+ struct(was.map(col): _*).as("__was"): _*)
    val note = to_json(
      struct(timestamp_micros(lit(at)).cast("string").as("replayed_at"), col("__was.*"))
    )
    val header = struct(lit(Bronze.ReplayHeader).as("key"), note.cast("binary").as("value"))
    decided
      .join(before, place)
      .where(!(col("reason") <=> col("__was.reason")))
      .withColumn("headers", concat(coalesce(col("headers"), array()), array(header)))
      .select(Layout.bronzeStock.schema.names.toSeq.map(col): _*)
  }
}

object Replay {
  private val place = Seq("topic", "partition", "offset")

  /** What a replay did.
    *
    * @param records
    *   how many were decided again
    * @param accepted
    *   how many of them are accepted now
    */
  final case class Replayed(outcome: Outcome, records: Long, accepted: Long)
}
