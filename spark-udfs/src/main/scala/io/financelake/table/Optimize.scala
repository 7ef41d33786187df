package io.financelake.table

import scala.jdk.CollectionConverters._
import scala.util.control.NonFatal

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ObjectNode
import io.delta.exceptions.DeltaConcurrentModificationException
import org.apache.spark.sql.SparkSession
import org.apache.spark.sql.delta.{DeltaOperations, Snapshot}
import org.apache.spark.sql.delta.actions.{AddFile, RemoveFile}
import org.apache.spark.sql.execution.metric.{SQLMetric, SQLMetrics}

import io.financelake.jni.NativeTable

/** Compaction: planned natively on the driver, the bins rewritten as tasks of one job, committed once through
  * Delta's own transaction. It begins at the plan's version and reads the plan's files, so whatever was deleted since
  * makes the commit fail; then all is planned again.
  */
final class Optimize(spark: SparkSession, location: TableLocation, goal: Optimize.Goal) {
  import Optimize._
  import TableLocation.json

  /** The plan, and nothing else. */
  def plan(): JsonNode = planAt(location.log.update()).get("plan")

  private def planAt(snapshot: Snapshot): JsonNode = {
    val request =
      location.request().put("version", snapshot.version).put("targetMib", goal.targetMib)
    goal.condition.foreach(request.put("condition", _))
    goal.strategy.foreach { strategy =>
      val columns = request.put("strategy", strategy).putArray("orderBy")
      goal.orderBy.foreach(columns.add)
    }
    json.readTree(NativeTable.plan(request.toString))
  }

  /** Does it. */
  def run(): Report = {
    val begin = System.nanoTime()
    def attempt(left: Int): Report =
      try once()
      catch { case _: DeltaConcurrentModificationException if left > 1 => attempt(left - 1) }
    attempt(Attempts).copy(seconds = (System.nanoTime() - begin) / 1e9)
  }

  private def once(): Report = rewrite().fold(Report())(commit)

  /** Plans, and writes the new files, which are not part of the table yet; nothing when there is no need. */
  def rewrite(): Option[Rewritten] = {
    val snapshot = location.log.update()
    val planned = planAt(snapshot)
    val request = location.request()
    val bins = planned
      .get("work")
      .elements()
      .asScala
      .map { work =>
        request.deepCopy().set[ObjectNode]("work", work).toString
      }
      .toSeq
    if (bins.isEmpty) None
    else {
      val removed = removals(snapshot, planned.get("plan"))
      val job = spark.sparkContext.parallelize(bins, bins.size).map(NativeTable.rewrite)
      val answers = job.collect().toSeq.map(json.readTree)
      val added = answers.flatMap(_.get("files").elements().asScala.map(addition))
      Some(Rewritten(snapshot, removed, added, answers.map(_.get("rows").asLong).sum))
    }
  }

  /** Makes the new files part of the table, or deletes them when another writer was faster. */
  def commit(rewritten: Rewritten): Report = {
    import rewritten._
    try {
      val version = commit(snapshot, removed, added)
      val (old, made) = (removed.map(_.size).sum, added.map(_.size).sum)
      Report(Some(version), removed.size, added.size, old, made, rows)
    } catch {
      case failure: DeltaConcurrentModificationException =>
        discard(added)
        throw failure
    }
  }

  /** The files of the plan as Delta knows them, with the deletion vectors that were read. */
  private def removals(snapshot: Snapshot, plan: JsonNode): Seq[AddFile] = {
    val keys = plan
      .get("bins")
      .elements()
      .asScala
      .flatMap(_.get("files").elements().asScala)
      .map { file =>
        (file.get("path").asText, Option(file.get("vector")).map(_.asText))
      }
      .toSet
    val paths = keys.map(_._1)
    val files = snapshot.allFiles.filter((file: AddFile) => paths(file.path)).collect().toSeq
    val found = files.map(file => (file.path, Option(file.deletionVector).map(_.uniqueId))).toSet
    if (found != keys) {
      throw new IllegalStateException(
        s"Delta sees other files at version ${snapshot.version} than the plan; nothing was committed"
      )
    }
    files
  }

  private def addition(file: JsonNode): AddFile = {
    val partition = file.get("partition").properties().asScala.map { entry =>
      entry.getKey -> (if (entry.getValue.isNull) null else entry.getValue.asText)
    }
    val tags =
      file.get("tags").properties().asScala.map(tag => tag.getKey -> tag.getValue.asText).toMap
    AddFile(
      path = file.get("path").asText,
      partitionValues = partition.toMap,
      size = file.get("size").asLong,
      modificationTime = file.get("modified").asLong,
      dataChange = false,
      stats = file.get("statistics").asText,
      tags = if (tags.isEmpty) null else tags
    )
  }

  private def commit(snapshot: Snapshot, removed: Seq[AddFile], added: Seq[AddFile]): Long = {
    val transaction = location.log.startTransaction(location.table, Some(snapshot))
    transaction.trackFilesRead(removed)
    def metric(name: String, value: Long): (String, SQLMetric) = {
      val metric = SQLMetrics.createMetric(spark.sparkContext, name)
      metric.set(value)
      name -> metric
    }
    transaction.registerSQLMetrics(
      spark,
      Map(
        metric("numRemovedFiles", removed.size),
        metric("numAddedFiles", added.size),
        metric("numRemovedBytes", removed.map(_.size).sum),
        metric("numAddedBytes", added.map(_.size).sum)
      )
    )
    val now = System.currentTimeMillis()
    val removals: Seq[RemoveFile] = removed.map(_.removeWithTimestamp(now, dataChange = false))
    val operation =
      DeltaOperations.Optimize(
        Seq.empty,
        goal.orderBy,
        auto = false,
        clusterBy = None,
        isFull = false
      )
    transaction.commit(removals ++ added, operation, Map.empty[String, String])
  }

  /** Files that did not become part of the table. */
  private def discard(added: Seq[AddFile]): Unit = added.foreach { file =>
    val path = file.absolutePath(location.log)
    try path.getFileSystem(spark.sessionState.newHadoopConf()).delete(path, false)
    catch { case NonFatal(_) => false } // vacuum finds it
  }
}

object Optimize {

  /** How often work that was lost to other writers is done again. */
  private val Attempts = 5

  /** What files are to be like, and which ones are looked at. */
  final case class Goal(
      condition: Option[String] = None,
      targetMib: Int = 256,
      orderBy: Seq[String] = Nil,
      strategy: Option[String] = None
  )

  /** What is to be committed. */
  final case class Rewritten(
      snapshot: Snapshot,
      removed: Seq[AddFile],
      added: Seq[AddFile],
      rows: Long
  )

  /** What was done. */
  final case class Report(
      version: Option[Long] = None,
      filesRemoved: Long = 0,
      filesAdded: Long = 0,
      bytesRemoved: Long = 0,
      bytesAdded: Long = 0,
      rows: Long = 0,
      seconds: Double = 0
  )
}
