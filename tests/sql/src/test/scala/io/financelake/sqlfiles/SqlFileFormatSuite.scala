package io.financelake.sqlfiles

import org.apache.spark.sql.Row
import org.scalatest.funsuite.AnyFunSuite

/** The format of the SQL files, and that a difference is found and shown. */
class SqlFileFormatSuite extends AnyFunSuite {

  private def parse(lines: String*): SqlFile = SqlFile.parse("f.sql", lines.mkString("\n"))

  private def refused(lines: String*): String =
    intercept[SqlFileError](parse(lines: _*)).getMessage

  private def problem(check: Check, result: Result, tolerance: Double = 0): String =
    Verdict.on(check, result, tolerance).getOrElse(fail("nothing was found wrong"))

  private val table = Result.Table(Seq("a", "b"), Seq(Row(1, 2.0), Row(null, Double.NaN)))

  test("settings, statements and checks are read") {
    val file = parse(
      "-- What this file is about.",
      "--@ config a.b=1",
      "--@ static c=x",
      "--@ matrix m=true,false",
      "--@ matrix n=1,2,3",
      "--@ min-spark 4.1",
      "--@ tolerance 1e-9",
      "",
      "CREATE TABLE t",
      "-- a comment inside",
      "  (a INT);",
      "--@ since 4.2",
      "SELECT a, b FROM t;",
      "--> a | b",
      "--> 1 | NULL",
      "--@ until 4.1",
      "EXPLAIN SELECT 1;",
      "--~ 2x Scan",
      "--~ Project",
      "SELECT x;",
      "--! UNRESOLVED",
      "--! x"
    )
    assert(file.config == Map("a.b" -> "1") && file.static == Map("c" -> "x"))
    assert(file.runs.size == 6 && file.runs.toSet.size == 6)
    assert(file.minSpark.contains(SparkMinor(4, 1)) && file.tolerance == 1e-9)
    assert(
      file.statements.map(_.check) == Seq(
        Check.Succeeds,
        Check.Rows(Seq("a", "b"), Seq(Seq("1", "NULL"))),
        Check.Contains(Seq(Some(2) -> "Scan", None -> "Project")),
        Check.Fails(Seq("UNRESOLVED", "x"))
      )
    )
    assert(file.statements.map(_.line) == Seq(9, 13, 17, 20))
    assert(file.statements.head.sql == "CREATE TABLE t\n  (a INT)")
    val (v41, v42) = (SparkMinor(4, 1), SparkMinor(4, 2))
    assert(file.statements.map(_.runsOn(v41)) == Seq(true, false, true, true))
    assert(file.statements.map(_.runsOn(v42)) == Seq(true, true, false, true))
  }

  test("what the format does not know is refused with file and line") {
    val select = Seq("SELECT 1;", "--> 1", "--> 1")
    assert(refused("SELECT 1;").contains("nothing is checked"))
    assert(refused(("--@ confg a=b" +: select): _*).startsWith("f.sql:1: '--@ confg a=b' is no"))
    assert(refused(("--@ matrix a=b" +: select): _*).contains("is no directive"))
    assert(refused(("--@ tolerance 2" +: select): _*).contains("is no tolerance"))
    assert(refused(("--@ min-spark new" +: select): _*).contains("is no release"))
    assert(refused(("--? x" +: select): _*).contains("is no mark"))
    assert(
      refused((select :+ "--@ config a=b"): _*).startsWith("f.sql:4: 'config' is for the whole")
    )
    assert(refused((select :+ "--@ since 4.2"): _*).contains("without a statement"))
    assert(refused((select :+ "--! x"): _*).contains("one kind of check"))
    assert(refused("SELECT 1;", "", "--> 1").contains("directly below"))
    assert(refused("SELECT 1;", "-->").contains("the check is empty"))
    assert(refused("SELECT 1;", "--> a | b", "--> 1").contains("1 cells, the header 2"))
    assert(refused((select :+ "SELECT 2"): _*).contains("of line 4 does not end"))
    assert(refused("SELECT 1", "--@ since 4.2", ";").contains("inside the statement of line 1"))
  }

  test("equal rows pass, others are shown line by line") {
    val same = Check.Rows(Seq("a", "b"), Seq(Seq("1", "2"), Seq("NULL", "NaN")))
    assert(Verdict.on(same, table, 0).isEmpty)
    val other = same.copy(rows = Seq(Seq("1", "2"), Seq("NULL", "NULL"), Seq("3", "4")))
    assert(
      problem(other, table) ==
        """the rows differ (- expected, + given):
          |  a    | b
          |  1    | 2
          |- NULL | NULL
          |+ NULL | NaN
          |- 3    | 4""".stripMargin
    )
    assert(problem(same.copy(header = Seq("a", "c")), table).contains("- a    | c"))
    assert(problem(same.copy(rows = same.rows.take(1)), table).contains("+ NULL | NaN"))
  }

  test("only floating-point numbers have a tolerance, and zeros have signs without one") {
    val rows = Result.Table(Seq("a", "b"), Seq(Row(100, 100.0)))
    def expects(a: String, b: String) = Check.Rows(Seq("a", "b"), Seq(Seq(a, b)))
    assert(Verdict.on(expects("100", "100.00001"), rows, 1e-6).isEmpty)
    assert(Verdict.on(expects("100", "100.001"), rows, 1e-6).nonEmpty)
    assert(Verdict.on(expects("100.00001", "100"), rows, 1e-6).nonEmpty)
    assert(Verdict.on(expects("100", "NULL"), rows, 1e-6).nonEmpty)
    assert(!Cell.matches(Double.PositiveInfinity, "1", 0.1) && Cell.matches(Double.NaN, "NaN", 0))
  }

  test("values are written as the readme says") {
    val cells = Seq[Any](
      null,
      "",
      Row(1, null),
      Seq(1, 2),
      Map("k" -> 1),
      new java.math.BigDecimal("1E+3"),
      java.sql.Timestamp.valueOf("2020-01-02 03:04:05"),
      java.sql.Date.valueOf("2020-01-02"),
      Array[Byte](1, -1),
      true
    )
    assert(
      cells.map(Cell.text) == Seq(
        "NULL",
        "''",
        "{1, NULL}",
        "[1, 2]",
        "{k: 1}",
        "1000",
        "2020-01-02 03:04:05",
        "2020-01-02",
        "01FF",
        "true"
      )
    )
  }

  test("errors and fragments are found in the whole text") {
    val error = Result.Failure(new IllegalStateException("outer", new Exception("inner cause")))
    assert(Verdict.on(Check.Fails(Seq("IllegalState", "outer", "inner")), error, 0).isEmpty)
    assert(problem(Check.Fails(Seq("outer", "other")), error).contains("lacks 'other'"))
    assert(problem(Check.Fails(Seq("x")), table).contains("an error was expected"))
    assert(problem(Check.Succeeds, error).contains("inner cause"))
    assert(problem(Check.Rows(Seq("a"), Nil), error).contains("the statement failed"))
    assert(Verdict.on(Check.Contains(Seq(Some(1) -> "NaN", None -> "1 | 2")), table, 0).isEmpty)
    assert(problem(Check.Contains(Seq(Some(0) -> "NaN")), table).contains("'NaN' 0 times, found 1"))
    assert(problem(Check.Contains(Seq(None -> "x")), table).contains("at least once"))
  }
}
