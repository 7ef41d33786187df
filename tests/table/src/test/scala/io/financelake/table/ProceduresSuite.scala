package io.financelake.table

import java.nio.file.{Files, Path}

import io.delta.exceptions.DeltaConcurrentModificationException
import org.apache.spark.sql.Row

import io.financelake.SparkSuite

/** `CALL financelake.system...`: what the procedures do to tables that Spark writes. */
class ProceduresSuite extends SparkSuite {

  private def withTable(properties: String = "")(body: String => Unit): Unit = withFolder {
    folder =>
      val table = s"delta.`$folder/bars`"
      spark.sql(
        s"CREATE TABLE $table (id BIGINT, name STRING, part STRING) USING delta PARTITIONED BY (part) $properties"
      )
      for (start <- 0 until 4)
        spark.sql(
          s"INSERT INTO $table SELECT id, concat('n', id), if(id % 2 = 0, 'even', 'a b=%') FROM range(${start * 10}, ${start * 10 + 10}, 1, 1)"
        )
      body(table)
  }

  private def rows(table: String): Seq[Row] =
    spark.sql(s"SELECT * FROM $table ORDER BY id").collect().toSeq

  private def files(table: String): Long =
    spark.sql(s"DESCRIBE DETAIL $table").head().getAs[Long]("numFiles")

  private def newest(table: String): Row = spark.sql(s"DESCRIBE HISTORY $table LIMIT 1").head()

  private def optimize(table: String): Optimize =
    new Optimize(spark, TableLocation.of(spark, table), Optimize.Goal())

  private def stored(table: String): Long = {
    val walk = Files.walk(Path.of(table.stripPrefix("delta.`").stripSuffix("`")))
    try
      walk
        .filter(_.toString.endsWith(".parquet"))
        .filter(!_.toString.contains("_delta_log"))
        .count()
    finally walk.close()
  }

  test("optimize leaves the rows and few files") {
    withTable() { table =>
      val before = rows(table)
      val planned =
        spark.sql(s"CALL financelake.system.optimize(table => '$table', dry_run => true)").head()
      assert(planned.getAs[Long]("files_removed") == 8 && planned.getAs[Long]("files_added") == 2)
      assert(files(table) == 8)
      val done =
        spark.sql(s"CALL financelake.system.optimize('$table', where => \"part = 'even'\")").head()
      assert(done.getAs[Long]("files_removed") == 4 && done.getAs[Long]("rows") == 20)
      spark.sql(s"CALL financelake.system.optimize('$table')")
      assert(files(table) == 2)
      assert(rows(table) == before)
      assert(newest(table).getAs[String]("operation") == "OPTIMIZE")
      val metrics = newest(table).getAs[Map[String, String]]("operationMetrics")
      assert(metrics("numRemovedFiles") == "4" && metrics("numAddedFiles") == "1")
      val again = spark.sql(s"CALL financelake.system.optimize('$table')").head()
      assert(again.isNullAt(0) && again.getAs[Long]("files_removed") == 0)
    }
  }

  for (
    (what, properties, statement) <- Seq(
      ("a delete of a whole file", "", "DELETE FROM {} WHERE id < 10"),
      ("a delete of rows", "", "DELETE FROM {} WHERE id = 3"),
      (
        "a deletion vector",
        "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
        "DELETE FROM {} WHERE id = 3"
      ),
      ("an OPTIMIZE of Delta's", "", "OPTIMIZE {}")
    )
  ) test(s"$what after the plan makes the commit fail, and the next attempt succeed") {
    withTable(properties) { table =>
      val rewritten = optimize(table).rewrite().get
      spark.sql(statement.replace("{}", table))
      val (before, there) = (rows(table), stored(table))
      intercept[DeltaConcurrentModificationException](optimize(table).commit(rewritten))
      assert(rows(table) == before)
      assert(stored(table) == there - rewritten.added.size, "the new files are deleted again")
      optimize(table).run()
      assert(rows(table) == before)
    }
  }

  test("an append after the plan does not disturb") {
    withTable() { table =>
      val rewritten = optimize(table).rewrite().get
      spark.sql(s"INSERT INTO $table VALUES (1000, 'n1000', 'even')")
      val before = rows(table)
      optimize(table).commit(rewritten)
      assert(rows(table) == before && files(table) == 3)
    }
  }

  test("tables in the catalog are found by their names") {
    spark.sql("CREATE TABLE bars_by_name (id BIGINT) USING delta")
    try {
      spark.sql("INSERT INTO bars_by_name SELECT * FROM range(0, 3, 1, 3)")
      val done =
        spark.sql("CALL financelake.system.optimize('spark_catalog.default.bars_by_name')").head()
      assert(done.getAs[Long]("files_removed") == 3)
      assert(spark.table("bars_by_name").count() == 3)
    } finally spark.sql("DROP TABLE bars_by_name")
  }

  test("what a feature forbids is refused by its name, and the table stays") {
    withTable("TBLPROPERTIES ('delta.enableRowTracking' = 'true')") { table =>
      val version = newest(table).getAs[Long]("version")
      val failure = intercept[Exception](spark.sql(s"CALL financelake.system.optimize('$table')"))
      assert(failure.getMessage.contains("rowTracking"), failure)
      assert(newest(table).getAs[Long]("version") == version)
    }
  }

  test("wrong arguments say what to write") {
    withTable() { table =>
      for (
        (arguments, word) <- Seq(
          s"'$table', where => 'price > 3'" -> "price",
          s"'$table', target_mb => 0" -> "target size",
          "'/nowhere/at/all'" -> "not a Delta table"
        )
      ) {
        val failure =
          intercept[Exception](spark.sql(s"CALL financelake.system.optimize($arguments)"))
        assert(failure.getMessage.contains(word), failure)
      }
    }
  }

  test("rows are put in order") {
    withTable() { table =>
      val before = rows(table)
      spark.sql(
        s"CALL financelake.system.optimize('$table', order_by => array('name', 'id'), strategy => 'hilbert')"
      )
      assert(rows(table) == before && files(table) == 2)
      val parameters = newest(table).getAs[Map[String, String]]("operationParameters")
      assert(parameters("zOrderBy") == """["name","id"]""")
      spark.sql(s"CALL financelake.system.optimize('$table', order_by => array('id'))")
      val inFile =
        spark.sql(s"SELECT id FROM $table WHERE part = 'even'").collect().map(_.getLong(0))
      assert(inFile.toSeq == inFile.sorted.toSeq)
      val failure = intercept[Exception](
        spark.sql(s"CALL financelake.system.optimize('$table', order_by => array('part'))")
      )
      assert(failure.getMessage.contains("part names folders"), failure)
    }
  }

  test("vacuum and health") {
    withTable() { table =>
      def health: Map[String, String] = spark
        .sql(s"SELECT metric, value FROM financelake_table_health('$table')")
        .collect()
        .map(row => row.getString(0) -> row.getString(1))
        .toMap
      assert(health("files") == "8" && health("rows") == "40" && health("files_to_rewrite") == "8")
      spark.sql(s"CALL financelake.system.optimize('$table')")
      assert(health("files") == "2" && health("tombstones") == "8")
      val before = rows(table)
      val kept = spark.sql(s"CALL financelake.system.vacuum('$table')").head()
      assert(kept.getAs[Long]("deleted") == 0)
      val refused = intercept[Exception](
        spark.sql(s"CALL financelake.system.vacuum('$table', retain_hours => 0)")
      )
      assert(refused.getMessage.contains("168 hours"), refused)
      val done = spark
        .sql(
          s"CALL financelake.system.vacuum('$table', retain_hours => 0, unsafe_retention => true)"
        )
        .head()
      assert(done.getAs[Long]("deleted") == 8)
      assert(rows(table) == before && stored(table) == 2)
    }
  }
}
