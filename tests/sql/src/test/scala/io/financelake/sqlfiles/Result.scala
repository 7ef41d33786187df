package io.financelake.sqlfiles

import scala.collection.mutable

import org.apache.spark.sql.Row

/** What a statement gave: columns and rows, or the exception it ended with. */
sealed trait Result {

  /** The result as the lines that would check it. */
  def lines: Seq[String]
}

object Result {

  final case class Table(header: Seq[String], rows: Seq[Row]) extends Result {

    /** The text of every cell. */
    def cells: Seq[Seq[String]] = rows.map(_.toSeq.map(Cell.text))

    def lines: Seq[String] = Table.aligned(header +: cells).map(line => s"--> $line")
  }

  object Table {

    /** Lines of cells between bars, the columns below each other. */
    def aligned(lines: Seq[Seq[String]]): Seq[String] = {
      val columns = lines.map(_.size).maxOption.getOrElse(0)
      val widths =
        (0 until columns).map(i => lines.flatMap(_.lift(i)).map(_.length).maxOption.getOrElse(0))
      lines.map(_.zip(widths).map { case (cell, width) => cell.padTo(width, ' ') }.mkString(" | "))
    }.map(_.replaceAll("\\s+$", ""))
  }

  final case class Failure(error: Throwable) extends Result {

    /** Class and message of the exception and its causes. */
    def text: String =
      Iterator
        .iterate(error)(_.getCause)
        .takeWhile(_ != null)
        .take(20)
        .map(cause => s"${cause.getClass.getSimpleName}: ${cause.getMessage}")
        .mkString("\n")

    // Spark appends the plan to the messages of its analyser.
    def lines: Seq[String] =
      text.linesIterator
        .takeWhile(line => !line.matches(" *([+:]-|'?[A-Z]\\w+ \\[).*"))
        .map(line => s"--! $line")
        .toSeq
  }
}

/** A value of a row and how it is written in a file. */
object Cell {

  /** `NULL`, numbers as Java prints them, an empty text as `''`, structs as `{1, 2}`, arrays as
    * `[1, 2]`.
    */
  def text(value: Any): String = value match {
    case null                            => "NULL"
    case ""                              => "''"
    case number: java.math.BigDecimal    => number.toPlainString
    case time: java.sql.Timestamp        => time.toString.stripSuffix(".0")
    case row: Row                        => row.toSeq.map(text).mkString("{", ", ", "}")
    case values: scala.collection.Seq[_] => values.map(text).mkString("[", ", ", "]")
    case entries: scala.collection.Map[_, _] =>
      entries
        .map { case (key, entry) => s"${text(key)}: ${text(entry)}" }
        .toSeq
        .sorted
        .mkString("{", ", ", "}")
    case bytes: Array[Byte] => bytes.map(byte => f"$byte%02X").mkString
    case other              => other.toString
  }

  /** Whether the value is the expected one; only floating-point numbers have a tolerance. */
  def matches(value: Any, expected: String, tolerance: Double): Boolean = value match {
    case number: Double => close(number, expected, tolerance)
    case number: Float  => close(number.toDouble, expected, tolerance)
    case other          => text(other) == expected
  }

  private def close(number: Double, expected: String, tolerance: Double): Boolean =
    expected.toDoubleOption.exists { wanted =>
      java.lang.Double.compare(number, wanted) == 0 ||
      math.abs(number - wanted) <= tolerance * math.max(1.0, math.abs(wanted))
    }
}

/** Compares results with what a file expects. */
object Verdict {

  /** What is wrong with a result, or nothing. */
  def on(check: Check, result: Result, tolerance: Double): Option[String] = (check, result) match {
    case (Check.Fails(parts), failure: Result.Failure) =>
      val absent = parts.filterNot(failure.text.contains)
      Option.when(absent.nonEmpty) {
        s"the error lacks ${absent.mkString("'", "', '", "'")}; it says:\n${failure.text}"
      }
    case (Check.Fails(_), result: Result.Table) =>
      Some(s"an error was expected; the statement gave:\n${result.lines.mkString("\n")}")
    case (_, failure: Result.Failure) => Some(s"the statement failed:\n${failure.text}")
    case (Check.Succeeds, _)          => None
    case (Check.Contains(parts), result: Result.Table) => missing(parts, result)
    case (Check.Rows(header, rows), result: Result.Table) =>
      difference(header, rows, result, tolerance)
  }

  private def missing(parts: Seq[(Option[Int], String)], result: Result.Table): Option[String] = {
    val text = result.rows.map(_.toSeq.map(Cell.text).mkString(" | ")).mkString("\n")
    val wrong = parts.flatMap { case (wanted, part) =>
      val found = occurrences(text, part)
      Option.when(wanted.fold(found == 0)(_ != found)) {
        s"'$part' ${wanted.fold("at least once")(times => s"$times times")}, found $found times"
      }
    }
    Option.when(wrong.nonEmpty)(s"expected ${wrong.mkString("; ")} in:\n$text")
  }

  private def occurrences(text: String, part: String): Int =
    Iterator.iterate(text.indexOf(part))(at => text.indexOf(part, at + 1)).takeWhile(_ >= 0).size

  /** Lines with `-` are expected and absent, lines with `+` are there and not expected. */
  private def difference(
      header: Seq[String],
      rows: Seq[Seq[String]],
      result: Result.Table,
      tolerance: Double
  ): Option[String] = {
    val lines = mutable.Buffer.empty[(Char, Seq[String])]
    def put(expected: Option[Seq[String]], actual: Option[Seq[String]], same: Boolean): Unit =
      if (same) lines ++= expected.map(' ' -> _)
      else lines ++= expected.map('-' -> _) ++ actual.map('+' -> _)

    put(Some(header), Some(result.header), header == result.header)
    for (i <- 0 until math.max(rows.size, result.rows.size)) {
      val (expected, actual) = (rows.lift(i), result.rows.lift(i))
      val same = expected.zip(actual).exists { case (cells, row) =>
        cells.size == row.size &&
        cells.zip(row.toSeq).forall { case (cell, value) => Cell.matches(value, cell, tolerance) }
      }
      put(expected, actual.map(_.toSeq.map(Cell.text)), same)
    }
    Option.when(lines.exists(_._1 != ' ')) {
      val table = Result.Table.aligned(lines.map(_._2).toSeq)
      val marked = lines.map(_._1).zip(table).map { case (mark, line) => s"$mark $line" }
      s"the rows differ (- expected, + given):\n${marked.mkString("\n")}"
    }
  }
}
