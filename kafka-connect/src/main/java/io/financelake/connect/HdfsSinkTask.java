package io.financelake.connect;

import io.financelake.jni.FinanceLakeException;
import io.financelake.jni.NativeSink;
import io.financelake.jni.StorageUnavailableException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands records to the native sink, and says when to commit.
 *
 * <p>Positions come from the table: {@link #open} seeks there, and what Kafka remembers is only shown. All that
 * makes it exactly once is in the native sink; this class may crash or be cut off at any point.
 *
 * <p>Commits go on beside {@link #put}, which waits for nothing: while storage is slow or away, records are collected
 * up to the memory that is allowed, and then the partitions are paused.
 */
public final class HdfsSinkTask extends SinkTask {
  private static final Logger LOG = LoggerFactory.getLogger(HdfsSinkTask.class);

  /** Bytes after which a buffer is handed over. */
  private static final int BUFFER = 4 << 20;

  /** Milliseconds after which is looked again at what goes on beside the task. */
  private static final long SOON = 50;

  private final Map<TopicPartition, AssignedPartition> partitions = new HashMap<>();

  /** The first offsets that came, ownership or not: where a partition starts that the table knows nothing of. */
  private final Map<TopicPartition, Long> firsts = new HashMap<>();

  private RecordBuffer buffer;

  /** The records in the buffer. */
  private final List<SinkRecord> buffered = new ArrayList<>();

  private TaskSettings settings;
  private DeadLetters deadLetters;
  private TaskMetrics metrics;
  private NativeSink sink;

  /** When the commit that is on its way began. */
  private long begun;

  /** A commit that failed is tried again after this time of {@link System#nanoTime}. */
  private long retryAt = System.nanoTime();

  /** The most bytes that one call of {@link #put} added: room that is kept for the next one. */
  private long largestPut;

  /** The partitions are paused until there is memory again. */
  private boolean paused;

  /**
   * The next records may be older than the positions that were given back, for a rebalance hands over what was
   * fetched before it.
   */
  private boolean distrusted;

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public void start(Map<String, String> properties) {
    settings = new TaskSettings(properties);
    buffer = new RecordBuffer(settings.parts());
    deadLetters = new DeadLetters(context);
    sink = calling(() -> NativeSink.open(settings.sinkJson()));
    metrics = new TaskMetrics(properties);
  }

  @Override
  public void open(Collection<TopicPartition> added) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    for (TopicPartition partition : added) {
      AssignedPartition assigned =
          new AssignedPartition(calling(() -> sink.assign(partition.topic(), partition.partition())));
      partitions.put(partition, assigned);
      startOf(partition, assigned)
          .ifPresentOrElse(
              position -> positions.put(partition, position),
              () -> LOG.info("the table has nothing of {}: Kafka says where it is read from", partition));
    }
    LOG.info("{} partitions taken over, positions in the table: {}", added.size(), positions);
    context.offset(positions);
  }

  @Override
  public void put(Collection<SinkRecord> records) {
    long start = System.nanoTime();
    lookAtCommit();
    if (distrusted) {
      records.forEach(this::see);
      distrusted = false;
      // From within this call, the next records are those of the positions.
      rewind();
    } else {
      long before = sink.status().heldBytes();
      for (SinkRecord record : records) {
        if (record.value() == null && !settings.onNull.equals("write")) {
          skipNull(record);
        } else {
          collect(record);
        }
      }
      handOver();
      largestPut = Math.max(largestPut, sink.status().heldBytes() - before);
    }
    beginCommit();
    holdBack();
    NativeSink.Status status = sink.status();
    metrics.show(status, paused, System.nanoTime() - start);
    context.timeout(nextLook(status));
  }

  /** Milliseconds after which the task is to be called again, also without records. */
  private long nextLook(NativeSink.Status status) {
    if (status.committing() || status.dueIn() == 0) {
      return SOON;
    }
    return status.dueIn() < 0 ? settings.maxAge : status.dueIn();
  }

  /** Takes note of a commit that ended. */
  private void lookAtCommit() {
    NativeSink.Outcome outcome;
    try {
      outcome = sink.outcome();
    } catch (StorageUnavailableException problem) {
      metrics.commitFailed();
      LOG.warn("the commit is tried again: {}", problem.getMessage());
      retryAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.retryBackoff);
      return;
    } catch (FinanceLakeException problem) {
      throw new ConnectException(problem.getMessage(), problem);
    }
    if (outcome == NativeSink.Outcome.COMMITTED) {
      metrics.committed(System.nanoTime() - begun);
      context.requestCommit();
    } else if (outcome == NativeSink.Outcome.FENCED) {
      metrics.commitFenced();
      LOG.warn("another task wrote a partition of this one meanwhile; all are read again");
      distrusted = true;
    }
  }

  /** Begins a commit when one is due or memory is short, or tries one that failed again. */
  private void beginCommit() {
    NativeSink.Status status = sink.status();
    boolean due = status.dueIn() == 0 || (status.bytes() > 0 && isFull(status));
    if (status.running() || !due || System.nanoTime() < retryAt) {
      return;
    }
    // After the commit a record that was left out does not come again.
    if (deadLetters.areDelivered()) {
      begun = System.nanoTime();
      boolean all = isFull(status);
      calling(
          () -> {
            sink.begin(all);
            return null;
          });
    }
  }

  /** Whether the next records may be more than the memory that is left. */
  private boolean isFull(NativeSink.Status status) {
    return status.heldBytes() > 0 && status.heldBytes() + largestPut > settings.memory;
  }

  /** Pauses the partitions while there is no room for more records, those too that came since. */
  private void holdBack() {
    boolean full = isFull(sink.status());
    TopicPartition[] all = partitions.keySet().toArray(TopicPartition[]::new);
    if (full) {
      context.pause(all);
    } else if (paused) {
      context.resume(all);
    }
    if (full != paused) {
      String held = sink.status().heldBytes() + " of " + settings.memory + " bytes are taken";
      LOG.info(full ? "partitions wait for storage: {}" : "partitions go on: {}", held);
      paused = full;
    }
  }

  private void skipNull(SinkRecord record) {
    if (settings.onNull.equals("dlq")) {
      deadLetters.report(record, "the record has no value");
    } else if (settings.onNull.equals("fail")) {
      throw new DataException(
          String.format(
              "%s-%d offset %d has no value; %s=write would keep it",
              record.originalTopic(),
              record.originalKafkaPartition(),
              record.originalKafkaOffset(),
              SinkKeys.ON_NULL));
    }
  }

  private void collect(SinkRecord record) {
    AssignedPartition partition = see(record);
    if (partition == null) {
      return;
    }
    partition.collected = record.originalKafkaOffset() + 1;
    partition.rewound = false;
    buffer.add(partition.number, record);
    buffered.add(record);
    if (buffer.bytes().position() >= BUFFER) {
      handOver();
    }
  }

  /** The record's partition, or null when it left: then the new owner reads the record. */
  private AssignedPartition see(SinkRecord record) {
    TopicPartition name = new TopicPartition(record.originalTopic(), record.originalKafkaPartition());
    firsts.merge(name, record.originalKafkaOffset(), Math::min);
    return partitions.get(name);
  }

  private void handOver() {
    if (!buffer.isEmpty()) {
      for (NativeSink.Refused refused : calling(() -> sink.append(buffer.bytes()))) {
        deadLetters.report(buffered.get(refused.index()), refused.reason() + ": " + refused.detail());
      }
      buffer.clear();
      buffered.clear();
    }
  }

  /** Where a partition is to be read from, if it is known here. */
  private Optional<Long> startOf(TopicPartition name, AssignedPartition partition) {
    long position = sink.position(partition.number);
    return position == NativeSink.NO_POSITION ? Optional.ofNullable(firsts.get(name)) : Optional.of(position);
  }

  /** Reads everything again that the table does not have. */
  private void rewind() {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach(
        (name, partition) -> {
          startOf(name, partition).ifPresent(position -> positions.put(name, position));
          partition.collected = AssignedPartition.NOTHING;
          partition.rewound = true;
        });
    context.offset(positions);
  }

  /**
   * What Kafka shows as the position of the consumer group: that of the table, and the newest one where nothing
   * waits to be committed, so that a tail of dropped records is no lag.
   */
  @Override
  public Map<TopicPartition, OffsetAndMetadata> preCommit(Map<TopicPartition, OffsetAndMetadata> current) {
    Map<TopicPartition, OffsetAndMetadata> shown = new HashMap<>();
    current.forEach(
        (name, newest) -> {
          AssignedPartition partition = partitions.get(name);
          if (partition == null) {
            return;
          }
          long position = sink.position(partition.number);
          if (position >= partition.collected && !partition.rewound && !distrusted) {
            shown.put(name, newest);
          } else if (position != NativeSink.NO_POSITION) {
            shown.put(name, new OffsetAndMetadata(position));
          }
        });
    return shown;
  }

  /**
   * Commits what is collected, as it would have to be read again otherwise. When that fails, it is read
   * again: the collected records of a partition must not outlive its ownership.
   */
  @Override
  public void close(Collection<TopicPartition> revoked) {
    revoked.forEach(partitions::remove);
    if (sink == null) {
      return;
    }
    NativeSink.Status status = sink.status();
    if (status.dueIn() < 0 && !status.committing()) {
      return;
    }
    long start = System.nanoTime();
    try {
      deadLetters.await();
      if (sink.commit(true)) {
        metrics.committed(System.nanoTime() - start);
      } else {
        LOG.warn("another task has partitions of this one already; what was collected is read again");
        distrusted = true;
      }
    } catch (FinanceLakeException problem) {
      LOG.warn("what was collected is read again: {}", problem.getMessage());
      distrusted = true;
      calling(
          () -> {
            sink.discard();
            return null;
          });
    }
  }

  @Override
  public void stop() {
    if (metrics != null) {
      metrics.close();
      metrics = null;
    }
    if (sink != null) {
      sink.close();
      sink = null;
    }
  }

  /** Makes errors of the native side those of Connect. */
  private static <T> T calling(java.util.function.Supplier<T> call) {
    try {
      return call.get();
    } catch (FinanceLakeException problem) {
      throw new ConnectException(problem.getMessage(), problem);
    }
  }
}
