package io.financelake.lake

import io.delta.tables.DeltaTable
import org.apache.hadoop.fs.Path
import org.apache.spark.sql.{Column, DataFrame, SaveMode, SparkSession}
import org.apache.spark.sql.delta.{DeltaLog, DeltaOperations, Snapshot}
import org.apache.spark.sql.delta.actions.{AddFile, SetTransaction}

/** A Delta table of a lake. Each write is one commit, which also makes the table if it is new. */
final class LakeTable(spark: SparkSession, lake: Path, val layout: Layout) {
  private val path = new Path(lake, layout.name)

  /** Its full path. */
  def location: String = path.toString

  private def log = DeltaLog.forTable(spark, path)
  private def snapshot: Snapshot = log.update()

  /** Whether a commit has ever succeeded; a folder with the remains of a killed job is no table. */
  def exists: Boolean = version >= 0

  /** The newest version, -1 before the first commit. */
  def version: Long = snapshot.version

  /** The table's identity, which a table that replaces it does not share. */
  def id: String = snapshot.metadata.id

  /** All rows; none while the table does not exist. */
  def rows: DataFrame =
    if (exists) spark.read.format("delta").load(location)
    else spark.createDataFrame(java.util.List.of[org.apache.spark.sql.Row](), layout.schema)

  /** All rows of a version. */
  def rowsAt(version: Long): DataFrame =
    spark.read.format("delta").option("versionAsOf", version).load(location)

  /** The rows that commits after a version added, if they added any, or all rows where that cannot be
    * told any more.
    *
    * @param until
    *   the last version that counts
    */
  def rowsAddedSince(
      version: Option[Long],
      until: Long = Long.MaxValue
  ): Option[DataFrame] = {
    val current = snapshot
    version.flatMap(filesAddedSince(_, until.min(current.version))) match {
      case Some(Seq()) => None
      case Some(files) => Some(log.createDataFrame(current, files))
      case None        => Some(rows)
    }
  }

  private def filesAddedSince(version: Long, until: Long): Option[Seq[AddFile]] = {
    val commits = log.getChanges(version + 1).takeWhile(_._1 <= until).toSeq
    if (commits.map(_._1) != (version + 1 to until)) None
    else
      Some(commits.flatMap(_._2).collect { case added: AddFile if added.dataChange => added })
  }

  /** The change feed after a version, or nothing where it is not kept any more.
    *
    * @param until
    *   the last version that counts
    */
  def changesSince(version: Long, until: Long = Long.MaxValue): Option[DataFrame] =
    if (log.getChanges(version + 1).take(1).exists(_._1 == version + 1))
      Some(
        spark.read
          .format("delta")
          .option("readChangeFeed", "true")
          .option("startingVersion", version + 1)
          .option("endingVersion", until.min(snapshot.version))
          .load(location)
      )
    else None

  /** The last number that commits were marked with for an application. */
  def marked(application: String): Option[Long] = marks.get(application)

  /** Whether the table contains its sources as of these versions. */
  def contains(progress: Progress): Boolean = {
    val marker = progress.marker
    exists && marked(marker.application).exists(_ >= marker.number)
  }

  /** How far the table has come, as far as its log still says. */
  def progress: Option[Progress] =
    userMetadata.flatMap(Progress.parse).nextOption()

  /** What commits say about themselves, the newest first. */
  def userMetadata: Iterator[String] =
    if (exists) log.history.getHistory(None).iterator.flatMap(_.userMetadata) else Iterator.empty

  /** Adds rows. */
  def append(rows: DataFrame, marker: Marker): Unit =
    if (exists) committing(marker)(rows.write.format("delta").mode("append").save(location))
    else create(rows, marker)

  /** Makes the table, without rows, if it does not exist. */
  def ensure(): Unit = if (!exists) create(rows, Marker("financelake:create", 1))

  /** The numbers of all applications that commits were marked with. */
  def marks: Map[String, Long] = {
    val current = snapshot
    // The checksum file of the newest version has the markers too, and saves a Spark job.
    val markers = current.checksumOpt.flatMap(_.setTransactions).getOrElse(current.setTransactions)
    markers.map(marker => marker.appId -> marker.version).toMap
  }

  /** Adds rows and moves the marks of applications, in one commit; another writer that has moved one of
    * them since makes it fail.
    *
    * @param steps
    *   per application its number, and its number after the commit
    */
  def advance(rows: DataFrame, steps: Map[String, (Long, Long)]): Unit = {
    val transaction = log.startTransaction(None, None)
    steps.foreach { case (application, (before, _)) =>
      val found = transaction.txnVersion(application)
      if (found.max(0L) != before)
        throw new IllegalStateException(
          s"$location: another writer has taken $application to $found while this one was at " +
            s"$before: each table has one ingesting writer; stop one of them"
        )
    }
    val files = transaction.writeFiles(rows, None, true, Nil)
    val now = Some(System.currentTimeMillis())
    val marks = steps.toSeq.map { case (application, (_, after)) =>
      SetTransaction(application, after, now)
    }
    val partitions = if (layout.partitions.isEmpty) None else Some(layout.partitions)
    transaction.commit(marks ++ files, DeltaOperations.Write(SaveMode.Append, partitions))
  }

  /** Makes `rows` the table's content, or that of the rows that meet a condition. */
  def replace(rows: DataFrame, condition: Option[String], marker: Marker): Unit =
    if (exists) {
      val writer = rows.write.format("delta").mode("overwrite")
      condition.foreach(writer.option("replaceWhere", _))
      committing(marker)(writer.save(location))
    } else create(rows, marker)

  /** Merges rows `s` into the table `t`: those that meet `sameRow` and `update` replace the row, those
    * that meet it with none are added.
    */
  def merge(rows: DataFrame, sameRow: Column, update: Column, marker: Marker): Unit =
    committing(marker) {
      DeltaTable
        .forPath(spark, location)
        .as("t")
        .merge(rows.as("s"), sameRow)
        .whenMatched(update)
        .updateAll()
        .whenNotMatched()
        .insertAll()
        .execute()
    }

  /** Rows that the last commit wrote, as Delta counted them. */
  def lastCommit: Map[String, Long] =
    log.history
      .getHistory(Some(1))
      .headOption
      .flatMap(_.operationMetrics)
      .getOrElse(Map.empty)
      .collect {
        case (key, count) if count.forall(_.isDigit) => key -> count.toLong
      }

  /** Not a plain CREATE: that would refuse a folder in which a killed job left files. */
  private def create(rows: DataFrame, marker: Marker): Unit = committing(marker) {
    import org.apache.spark.sql.functions.col
    val writer = rows.writeTo(s"delta.`$location`").using("delta")
    val columns = layout.partitions.map(col)
    val partitioned =
      if (columns.isEmpty) writer else writer.partitionedBy(columns.head, columns.tail: _*)
    layout.properties
      .foldLeft(partitioned) { case (w, (key, value)) => w.tableProperty(key, value) }
      .createOrReplace()
  }

  private def committing(marker: Marker)(write: => Unit): Unit = {
    val settings = Seq(
      "spark.databricks.delta.write.txnAppId" -> marker.application,
      "spark.databricks.delta.write.txnVersion" -> marker.number.toString,
      "spark.databricks.delta.commitInfo.userMetadata" -> marker.metadata
    ).filter(_._2.nonEmpty)
    settings.foreach { case (key, value) => spark.conf.set(key, value) }
    try write
    finally settings.foreach { case (key, _) => spark.conf.unset(key) }
  }
}
