package io.financelake.lake

/** What a run did to a table.
  *
  * @param table
  *   its name in the lake
  * @param version
  *   its newest version
  * @param committed
  *   whether this run made that version
  * @param rowsIn
  *   rows that were taken in from its sources
  * @param rowsWritten
  *   rows that were added, replaced or recomputed
  */
final case class Outcome(
    table: String,
    version: Long,
    committed: Boolean,
    rowsIn: Long,
    rowsWritten: Long
)

object Outcome {
  def unchanged(table: LakeTable): Outcome =
    Outcome(table.layout.name, table.version, committed = false, 0, 0)

  /** The table has just committed. */
  def committed(table: LakeTable, rowsIn: Long): Outcome = {
    val counts = table.lastCommit
    val merged = Seq("numTargetRowsInserted", "numTargetRowsUpdated").flatMap(counts.get)
    val written = if (merged.isEmpty) counts.getOrElse("numOutputRows", 0L) else merged.sum
    Outcome(table.layout.name, table.version, committed = true, rowsIn, written)
  }
}
