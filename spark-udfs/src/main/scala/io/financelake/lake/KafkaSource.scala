package io.financelake.lake

import io.financelake.market.RecordSettings
import org.apache.spark.sql.DataFrame
import org.apache.spark.sql.streaming.{StreamingQuery, Trigger}

/** Kafka topics on their way into Bronze, a streaming query per table.
  *
  * @param servers
  *   the brokers
  * @param topics
  *   per table its topic
  * @param settings
  *   how records are read
  * @param maxOffsets
  *   how many records a batch has at most
  * @param reference
  *   gives the instruments reference as it is now
  */
final class KafkaSource(
    lake: Lake,
    servers: String,
    topics: Seq[(Layout, String)],
    settings: RecordSettings,
    maxOffsets: Long,
    reference: () => String
) {

  /** Starts the queries.
    *
    * @param report
    *   is told of each batch when it is committed
    */
  def start(trigger: Trigger, report: (Outcome, Double) => Unit): Seq[StreamingQuery] =
    topics.map { case (layout, topic) =>
      val take: (DataFrame, Long) => Unit = (records, _) => {
        val start = System.nanoTime()
        // The session of the query, whose settings no other layer shares.
        val own = new Lake(records.sparkSession, lake.root)
        val outcome =
          new Bronze(own, reference()).receive(layout, records, settings, KafkaSource.now)
        report(outcome, (System.nanoTime() - start) / 1e9)
      }
      lake.spark.readStream
        .format("kafka")
        .option("kafka.bootstrap.servers", servers)
        .option("subscribe", topic)
        .option("startingOffsets", "earliest")
        .option("includeHeaders", "true")
        .option("maxOffsetsPerTrigger", maxOffsets)
        .option("kafka.isolation.level", "read_committed")
        .load()
        .writeStream
        .queryName(layout.name)
        .option("checkpointLocation", lake.checkpoint(layout).toString)
        .trigger(trigger)
        .foreachBatch(take)
        .start()
    }
}

private object KafkaSource {
  import java.time.Instant
  import java.time.temporal.ChronoUnit

  def now: Long = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now())
}
