package io.financelake

import java.nio.file.{Files, Path}
import java.util.Comparator

import org.apache.spark.sql.SparkSession
import org.scalatest.funsuite.AnyFunSuite

/** A suite that runs on the one Spark session of its JVM, with Delta. Starting a session takes
  * seconds, so suites share it and leave its settings as they found them.
  */
trait SparkSuite extends AnyFunSuite {

  /** The shared session; implicits come with `import spark.implicits._`. */
  lazy val spark: SparkSession = SparkSuite.session

  /** Runs with settings of the session and puts the earlier ones back. */
  def withSettings[T](settings: (String, String)*)(body: => T): T = {
    val before = settings.map { case (key, _) => key -> spark.conf.getOption(key) }
    settings.foreach { case (key, value) => spark.conf.set(key, value) }
    try body
    finally
      before.foreach {
        case (key, Some(value)) => spark.conf.set(key, value)
        case (key, None)        => spark.conf.unset(key)
      }
  }

  /** Runs with a folder of its own, deleted afterwards. */
  def withFolder[T](body: Path => T): T = {
    val folder = Files.createTempDirectory("financelake-test-")
    try body(folder)
    finally SparkSuite.delete(folder)
  }
}

object SparkSuite {
  private lazy val session: SparkSession = SparkSession
    .builder()
    .master("local[2]")
    .appName("tests")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.warehouse.dir", temporary("financelake-warehouse-").toString)
    .getOrCreate()

  /** A folder that is deleted when the JVM ends. */
  private def temporary(prefix: String): Path = {
    val folder = Files.createTempDirectory(prefix)
    sys.addShutdownHook(delete(folder))
    folder
  }

  private def delete(folder: Path): Unit = {
    val entries = Files.walk(folder)
    try entries.sorted(Comparator.reverseOrder[Path]).forEach(entry => Files.delete(entry))
    finally entries.close()
  }
}
