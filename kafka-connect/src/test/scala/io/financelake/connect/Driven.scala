package io.financelake.connect

import java.nio.file.Path
import java.util
import java.util.concurrent.FutureTask

import scala.collection.mutable
import scala.jdk.CollectionConverters._

import org.apache.kafka.clients.consumer.OffsetAndMetadata
import org.apache.kafka.common.TopicPartition
import org.apache.kafka.connect.sink.{ErrantRecordReporter, SinkRecord, SinkTaskContext}

/** A task and what it asked Connect for. */
final private[connect] class Driven(table: Path, settings: (String, String)*)
    extends SinkTaskContext {
  val sought = mutable.Map.empty[TopicPartition, Long]
  var commitsRequested = 0
  var paused = Set.empty[Int]
  private var nextCall = 0L
  val task = new HdfsSinkTask
  task.initialize(this)
  task.start((Map("topics" -> "t", "delta.table.url" -> table.toString) ++ settings).asJava)

  def open(partitions: Int*): Unit = task.open(partitions.map(partition).asJava)
  def close(partitions: Int*): Unit = task.close(partitions.map(partition).asJava)

  /** Hands records over, and calls again without any until nothing goes on beside the task. */
  def put(records: SinkRecord*): Unit = {
    task.put(records.asJava)
    while (nextCall == 50) {
      Thread.sleep(2)
      task.put(util.List.of())
    }
  }

  /** What Connect seeks to before it reads on. */
  def rewound(): Map[Int, Long] = {
    val positions = sought.map { case (name, offset) => name.partition -> offset }.toMap
    sought.clear()
    positions
  }

  def shown(current: (Int, Long)*): Map[Int, Long] =
    task
      .preCommit(
        current.map { case (p, o) => partition(p) -> new OffsetAndMetadata(o) }.toMap.asJava
      )
      .asScala
      .map { case (name, offset) => name.partition -> offset.offset }
      .toMap

  def stop(): Unit = task.stop()

  override def configs: util.Map[String, String] = Map.empty[String, String].asJava
  override def offset(offsets: util.Map[TopicPartition, java.lang.Long]): Unit =
    offsets.asScala.foreach { case (name, offset) => sought(name) = offset }
  override def offset(name: TopicPartition, offset: Long): Unit = sought(name) = offset
  override def timeout(milliseconds: Long): Unit = {
    assert(milliseconds > 0)
    nextCall = milliseconds
  }
  override def assignment: util.Set[TopicPartition] = Set.empty[TopicPartition].asJava
  override def pause(partitions: TopicPartition*): Unit = paused ++= partitions.map(_.partition)
  override def resume(partitions: TopicPartition*): Unit = paused --= partitions.map(_.partition)
  override def requestCommit(): Unit = commitsRequested += 1
  val reported = mutable.Buffer.empty[(Long, String)]
  var delivered = 0
  override def errantRecordReporter: ErrantRecordReporter = { (record, problem) =>
    reported += record.kafkaOffset -> problem.getMessage
    new FutureTask[Void](() => { delivered += 1; null }) {
      override def get(): Void = { run(); super.get() }
    }
  }

  private def partition(number: Int) = new TopicPartition("t", number)
}
