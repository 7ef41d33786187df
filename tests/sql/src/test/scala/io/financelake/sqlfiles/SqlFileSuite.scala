package io.financelake.sqlfiles

import java.nio.file.{Files, Path}

import scala.jdk.CollectionConverters._
import scala.util.Using

import org.apache.spark.SPARK_VERSION
import org.apache.spark.sql.SparkSession
import org.scalatest.BeforeAndAfterAll
import org.scalatest.funsuite.AnyFunSuite

import io.financelake.jni.NativeLibrary

/** Runs every file under tests/sql/files, once per combination of its settings; one test per run.
  *
  * A run has a session of its own, so that settings, temporary views and functions of one file
  * never reach another, and must leave no native object behind. With `FINANCELAKE_SQL_ACTUAL` set,
  * what the statements really gave is written to tests/sql/target/actual in the form of the files.
  */
class SqlFileSuite extends AnyFunSuite with BeforeAndAfterAll {

  private val folder = Path.of("tests/sql/files")
  private val spark = SparkMinor.parse(SPARK_VERSION).get

  private val files: Seq[SqlFile] = {
    val paths = Using.resource(Files.walk(folder))(_.iterator().asScala.toSeq)
    val names = paths.map(folder.relativize(_).toString).filter(_.endsWith(".sql")).sorted
    val files = names.map(name => SqlFile.parse(name, Files.readString(folder.resolve(name))))
    // Files that need a Spark started otherwise come last, those with the same needs together.
    files.sortBy(file => file.static.toSeq.sorted.mkString(" "))
  }

  private lazy val warehouse = Files.createTempDirectory("financelake-warehouse")
  private var running = Option.empty[(Map[String, String], SparkSession)]

  for (file <- files if file.minSpark.forall(spark.atLeast); settings <- file.runs) {
    val suffix = settings.toSeq.sorted.map { case (key, value) => s" $key=$value" }.mkString
    test(file.name + suffix)(run(file, settings))
  }

  private def run(file: SqlFile, settings: Map[String, String]): Unit = {
    val session = started(file.static).newSession()
    SparkSession.setActiveSession(session)
    for ((key, value) <- file.config ++ settings) session.conf.set(key, value)
    val statements = file.statements.filter(_.runsOn(spark))
    val results =
      try statements.map(statement => statement -> result(session, statement.sql))
      finally clean(session)
    if (sys.env.contains("FINANCELAKE_SQL_ACTUAL")) ActualFile.write(file, results)
    val problems = results.flatMap { case (statement, result) =>
      Verdict.on(statement.check, result, file.tolerance).map { problem =>
        s"$folder/${file.name}:${statement.line}: $problem\n${statement.sql}"
      }
    }
    if (problems.nonEmpty) fail(problems.mkString("\n\n"))
    assert(NativeLibrary.liveHandles() == 0, "native objects were left open")
  }

  private def result(session: SparkSession, sql: String): Result =
    try {
      val rows = session.sql(sql)
      Result.Table(rows.columns.toSeq, rows.collect().toSeq)
    } catch {
      // A method that this release of Spark lacks is a failure as any other.
      case error @ (_: Exception | _: LinkageError) => Result.Failure(error)
    }

  /** Tables and the cache are shared between sessions. */
  private def clean(session: SparkSession): Unit = {
    session.catalog.clearCache()
    session.catalog.setCurrentDatabase("default")
    for (table <- session.sql("SHOW TABLES").collect() if !table.getAs[Boolean]("isTemporary"))
      session.sql(s"DROP TABLE `${table.getAs[String]("tableName")}`")
  }

  /** Spark with these settings besides those of every file; restarted when others are running. */
  private def started(static: Map[String, String]): SparkSession = running match {
    case Some((`static`, session)) => session
    case _ =>
      stop()
      val builder = SparkSession
        .builder()
        .master("local[2]")
        .appName("sql-files")
        .config("spark.sql.warehouse.dir", warehouse.toString)
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
          "spark.sql.catalog.spark_catalog",
          "org.apache.spark.sql.delta.catalog.DeltaCatalog"
        )
        .config("spark.sql.session.timeZone", "UTC")
      val session = static
        .foldLeft(builder) { case (builder, (key, value)) => builder.config(key, value) }
        .getOrCreate()
      running = Some(static -> session)
      session
  }

  private def stop(): Unit = {
    SparkSession.getDefaultSession.foreach(_.stop())
    SparkSession.clearActiveSession()
    SparkSession.clearDefaultSession()
    running = None
  }

  override def afterAll(): Unit = {
    stop()
    Using.resource(Files.walk(warehouse)) { paths =>
      paths.iterator().asScala.toSeq.reverse.foreach(Files.delete)
    }
  }
}
