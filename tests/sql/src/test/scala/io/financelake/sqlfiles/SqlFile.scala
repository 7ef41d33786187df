package io.financelake.sqlfiles

/** A file of SQL statements with what each must give, in the format of tests/sql/README.md.
  *
  * @param config settings of every run
  * @param static settings that Spark only reads when it starts
  * @param matrix settings with the values that each takes; the file runs once per combination
  * @param minSpark the oldest release that the file is for
  * @param tolerance how far a number may be from the expected one
  */
final case class SqlFile(
    name: String,
    config: Map[String, String],
    static: Map[String, String],
    matrix: Seq[(String, Seq[String])],
    minSpark: Option[SparkMinor],
    tolerance: Double,
    statements: Seq[Statement]
) {

  /** The settings that differ between runs, one map per run. */
  def runs: Seq[Map[String, String]] =
    matrix.foldLeft(Seq(Map.empty[String, String])) { case (runs, (key, values)) =>
      for (run <- runs; value <- values) yield run + (key -> value)
    }
}

/** A statement, where it stands, and the releases that it runs on. */
final case class Statement(
    line: Int,
    sql: String,
    since: Option[SparkMinor],
    until: Option[SparkMinor],
    check: Check
) {
  def runsOn(spark: SparkMinor): Boolean =
    since.forall(spark.atLeast) && until.forall(_.atLeast(spark))
}

/** What a statement must give. */
sealed trait Check

object Check {

  /** Nothing but success. */
  case object Succeeds extends Check

  /** These columns and these rows, in this order. */
  final case class Rows(header: Seq[String], rows: Seq[Seq[String]]) extends Check

  /** A result whose text has each of these parts this many times; `None` is at least once. */
  final case class Contains(parts: Seq[(Option[Int], String)]) extends Check

  /** An exception whose class, message and causes have each of these parts. */
  final case class Fails(parts: Seq[String]) extends Check
}

/** A minor release of Spark. */
final case class SparkMinor(major: Int, minor: Int) {
  def atLeast(other: SparkMinor): Boolean =
    major > other.major || major == other.major && minor >= other.minor
}

object SparkMinor {

  /** The release of a version such as `4.2` or `4.2.0`. */
  def parse(version: String): Option[SparkMinor] =
    version.split('.').take(2).map(_.toIntOption) match {
      case Array(Some(major), Some(minor)) => Some(SparkMinor(major, minor))
      case _                               => None
    }
}

/** A file that is not in the format. */
final class SqlFileError(file: String, line: Int, problem: String)
    extends Exception(s"$file:$line: $problem")

object SqlFile {

  /** Reads the format. Whatever it does not know is an error, so that a slip cannot pass as a
    * comment.
    */
  def parse(name: String, text: String): SqlFile = new Parser(name).parse(text)

  /** Cells between bars, without the spaces around them. */
  def cells(line: String): Seq[String] = line.split("\\|", -1).toSeq.map(_.trim)

  private val count = "(\\d+)x (.+)".r
  private val setting = "([A-Za-z][\\w.]*)=(\\S+)".r

  private class Parser(name: String) {
    private var file = SqlFile(name, Map.empty, Map.empty, Nil, None, 0.0, Nil)
    private var since, until = Option.empty[SparkMinor]
    private var begun = Option.empty[Int]
    private val sql = new StringBuilder
    private var line = 0

    /** Whether a check may follow: a statement has just ended. */
    private var ended = false

    def parse(text: String): SqlFile = {
      for (content <- text.linesIterator) {
        line += 1
        read(content.replaceAll("\\s+$", ""))
      }
      for (start <- begun) fail(s"the statement of line $start does not end with ';'")
      if (since.nonEmpty || until.nonEmpty) fail("'since' or 'until' without a statement after it")
      if (file.statements.forall(_.check == Check.Succeeds))
        fail("nothing is checked; write '-->', '--~' or '--!' below a statement")
      for (statement <- file.statements; problem <- raggedness(statement.check))
        throw new SqlFileError(name, statement.line, problem)
      file
    }

    private def read(content: String): Unit = content.take(3) match {
      case "--@" => outside("a directive"); directive(content.drop(3).trim); ended = false
      case "-->" => check(content.drop(3).trim)(rows)
      case "--~" => check(content.drop(3).trim)(contains)
      case "--!" => check(content.drop(3).trim)(fails)
      case start if start == "--" || start.startsWith("-- ") => ended = false
      case start if start.startsWith("--") =>
        fail(s"'$start' is no mark; write '-- ' for a comment, or one of '--@ --> --~ --!'")
      case "" if begun.isEmpty => ended = false
      case _                   => sqlLine(content)
    }

    private def sqlLine(content: String): Unit = {
      if (begun.isEmpty) {
        begun = Some(line)
        sql.clear()
      }
      sql.append(content).append('\n')
      ended = content.endsWith(";")
      if (ended) {
        val text = sql.toString.trim.stripSuffix(";")
        val statement = Statement(begun.get, text, since, until, Check.Succeeds)
        file = file.copy(statements = file.statements :+ statement)
        begun = None
        since = None
        until = None
      }
    }

    private def directive(text: String): Unit = {
      val (word, rest) = text.span(!_.isWhitespace)
      (word, rest.trim) match {
        case ("config", setting(key, value)) =>
          heading(word)
          file = file.copy(config = file.config + (key -> value))
        case ("static", setting(key, value)) =>
          heading(word)
          file = file.copy(static = file.static + (key -> value))
        case ("matrix", setting(key, values)) if values.split(',').distinct.length > 1 =>
          heading(word)
          file = file.copy(matrix = file.matrix :+ (key -> values.split(',').toSeq.distinct))
        case ("min-spark", version) =>
          heading(word)
          file = file.copy(minSpark = Some(minor(version)))
        case ("tolerance", number) =>
          heading(word)
          file = file.copy(tolerance = number.toDoubleOption.filter(t => t > 0 && t < 1).getOrElse {
            fail(s"'$number' is no tolerance; write a number between 0 and 1")
          })
        case ("since", version) => since = Some(minor(version))
        case ("until", version) => until = Some(minor(version))
        case _ =>
          fail(
            s"'--@ $text' is no directive; write 'config key=value', 'static key=value', " +
              "'matrix key=value,value', 'min-spark 4.2', 'tolerance 1e-12', 'since 4.2' or 'until 4.1'"
          )
      }
    }

    private def check(text: String)(change: (Check, String) => Check): Unit = {
      if (!ended) fail("a check must stand directly below the statement that it is for")
      if (text.isEmpty) fail("the check is empty")
      val last = file.statements.last
      val changed = last.copy(check = change(last.check, text))
      file = file.copy(statements = file.statements.init :+ changed)
    }

    private def rows(before: Check, text: String): Check = before match {
      case Check.Succeeds           => Check.Rows(cells(text), Nil)
      case Check.Rows(header, rows) => Check.Rows(header, rows :+ cells(text))
      case _                        => mixed()
    }

    private def contains(before: Check, text: String): Check = {
      val part = text match {
        case count(times, part) => (Some(times.toInt), part)
        case part               => (None, part)
      }
      before match {
        case Check.Succeeds        => Check.Contains(Seq(part))
        case Check.Contains(parts) => Check.Contains(parts :+ part)
        case _                     => mixed()
      }
    }

    private def fails(before: Check, text: String): Check = before match {
      case Check.Succeeds     => Check.Fails(Seq(text))
      case Check.Fails(parts) => Check.Fails(parts :+ text)
      case _                  => mixed()
    }

    private def mixed(): Nothing = fail("a statement has one kind of check")

    private def raggedness(check: Check): Option[String] = check match {
      case Check.Rows(header, rows) =>
        rows.find(_.size != header.size).map { row =>
          s"a row has ${row.size} cells, the header ${header.size}: ${row.mkString(" | ")}"
        }
      case _ => None
    }

    private def heading(word: String): Unit =
      if (file.statements.nonEmpty)
        fail(s"'$word' is for the whole file; put it above all statements")

    private def outside(what: String): Unit =
      for (start <- begun) fail(s"$what inside the statement of line $start; is its ';' missing?")

    private def minor(version: String): SparkMinor = SparkMinor.parse(version).getOrElse {
      fail(s"'$version' is no release of Spark; write for example 4.2")
    }

    private def fail(problem: String): Nothing = throw new SqlFileError(name, line, problem)
  }
}
