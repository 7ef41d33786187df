package io.financelake.lake

import org.apache.hadoop.fs.Path
import org.apache.spark.sql.SparkSession

/** A lake: a folder on any Hadoop file system, with the tables of [[Layout]] in it. */
final class Lake(val spark: SparkSession, folder: Path) {

  /** The folder's full name, with scheme and host. */
  val root: Path = {
    val storage = folder.getFileSystem(spark.sparkContext.hadoopConfiguration)
    folder.makeQualified(storage.getUri, storage.getWorkingDirectory)
  }

  def table(layout: Layout): LakeTable = new LakeTable(spark, root, layout)

  /** All its tables, in the order in which they are brought up to date. */
  def tables: Seq[LakeTable] =
    (Layout.bronzeTables ++ Layout.silverTables ++ Layout.goldTables).map(table)

  /** Where the query that writes a table keeps how far it has come. */
  def checkpoint(layout: Layout): Path =
    new Path(root, s"_checkpoints/${layout.name.replace('/', '_')}")

  /** The same lake with a session whose settings nobody else changes. */
  def apart: Lake = new Lake(spark.newSession(), root)

  /** Brings a table of Silver or Gold up to date with what it is made from. */
  def refresh(layout: Layout): Outcome =
    if (Layout.silverTables.contains(layout)) new Silver(this).refresh(layout)
    else new Gold(this).refresh(layout)

  /** Makes the tables known to spark_catalog, in a schema per layer.
    *
    * @throws java.lang.IllegalStateException
    *   if a name stands for a table elsewhere
    */
  def register(): Unit = tables.filter(_.exists).foreach { table =>
    val name = table.layout.sqlName
    spark.sql(s"CREATE SCHEMA IF NOT EXISTS spark_catalog.${name.takeWhile(_ != '.')}")
    spark.sql(
      s"CREATE TABLE IF NOT EXISTS spark_catalog.$name USING delta LOCATION '${table.location}'"
    )
    val registered = new Path(
      spark.sql(s"DESCRIBE DETAIL spark_catalog.$name").select("location").head().getString(0)
    )
    if (registered != new Path(table.location))
      throw new IllegalStateException(
        s"the table $name is registered at $registered already: drop it (its data stays), or import " +
          "without --register and read delta.`" + table.location + "`"
      )
  }
}
