package io.financelake.jobs

import java.io.PrintStream

import scala.collection.mutable

import io.financelake.lake.{Layout, Outcome}
import io.financelake.market.FileCount

/** Prints what an import does while it does it, and sums up. */
final class ImportSummary(out: PrintStream, files: Int) {
  import Job.{number, seconds}

  private val outcomes = mutable.ArrayBuffer.empty[Outcome]
  private var reasons = Map.empty[Option[String], Long]
  private val filesRead = mutable.Set.empty[String]

  /** Tells of a file whose records were decoded, once. */
  def file(count: FileCount): Unit = if (filesRead.add(count.name)) {
    val blank = if (count.blank == 0) "" else s", ${number(count.blank)} blank"
    out.println(
      f"  ${count.name}%-44s ${number(count.records)}%9s records, ${number(count.accepted)} accepted, " +
        s"${number(count.refused)} refused$blank, " +
        "%.1f s".formatLocal(java.util.Locale.ROOT, count.seconds)
    )
  }

  /** Runs a table's step and tells of it. */
  def step[T](layout: Layout)(body: => T)(outcomeOf: T => Outcome): T = {
    val start = System.nanoTime()
    val result = body
    val outcome = outcomeOf(result)
    outcomes += outcome
    val what =
      if (outcome.committed) s"${number(outcome.rowsWritten)} rows in version ${outcome.version}"
      else s"nothing new, version ${outcome.version}"
    out.println(f"${layout.name}%-26s $what, ${seconds(start)}")
    result
  }

  /** Adds the records that a table took in, by reason. */
  def received(counts: Map[Option[String], Long]): Unit =
    counts.foreach { case (reason, count) =>
      reasons += reason -> (reasons.getOrElse(reason, 0L) + count)
    }

  /** The table and the last line. */
  def print(time: String): Unit = {
    out.println()
    out.println(
      f"${"table"}%-26s ${"version"}%7s ${"rows in"}%11s ${"written"}%11s ${"dropped"}%9s"
    )
    outcomes.foreach { o =>
      val dropped = if (o.rowsIn < 0) "" else number(o.rowsIn - o.rowsWritten)
      val in = if (o.rowsIn < 0) "" else number(o.rowsIn)
      out.println(
        f"${o.table}%-26s ${o.version}%7d $in%11s ${number(o.rowsWritten)}%11s $dropped%9s"
      )
    }
    val accepted = reasons.getOrElse(None, 0L)
    val blank = reasons.getOrElse(Some("empty_line"), 0L)
    val refused = reasons.toSeq.collect {
      case (Some(reason), count) if reason != "empty_line" => reason -> count
    }.sorted
    val byReason =
      if (refused.isEmpty) ""
      else refused.map { case (r, n) => s"$r ${number(n)}" }.mkString(" (", ", ", ")")
    val repeats = outcomes
      .filter(o => o.table.startsWith("silver/") && o.committed)
      .map(o => o.rowsIn - o.rowsWritten)
      .sum
    out.println(
      s"imported ${filesRead.size} of $files files: ${number(reasons.values.sum)} records, " +
        s"${number(accepted)} accepted, ${number(refused.map(_._2).sum)} refused$byReason, " +
        s"${number(blank)} blank, ${number(repeats)} repeated or corrected, " +
        s"${outcomes.count(_.committed)} tables changed, $time"
    )
  }
}
