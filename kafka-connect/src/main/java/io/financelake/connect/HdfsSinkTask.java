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
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands records to the native sink, and says when to commit.
 *
 * <p>Positions come from the table: {@link #open} seeks there, and what Kafka remembers is only shown. All that
 * makes it exactly once is in the native sink; this class may crash or be cut off at any point.
 */
public final class HdfsSinkTask extends SinkTask {
  private static final Logger LOG = LoggerFactory.getLogger(HdfsSinkTask.class);

  /** Bytes after which a buffer is handed over. */
  private static final int BUFFER = 4 << 20;

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

  /** The last call asked Connect for the same records again. */
  private boolean again;

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
    distrusted |= again;
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
    if (distrusted) {
      records.forEach(this::see);
      distrusted = false;
      again = false;
      // From within this call, the next records are those of the positions.
      rewind();
      return;
    }
    for (SinkRecord record : records) {
      if (record.value() == null && !settings.onNull.equals("write")) {
        skipNull(record);
      } else {
        collect(record);
      }
    }
    handOver();
    if (sink.status().dueIn() == 0) {
      commit();
    }
    again = false;
    NativeSink.Status status = sink.status();
    metrics.show(status);
    long dueIn = status.dueIn();
    context.timeout(dueIn < 0 ? settings.maxAge : Math.max(1, dueIn));
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
    partition.pending = true;
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
      for (NativeSink.Refused refused : calling(() -> sink.append(buffer.bytes(), again))) {
        deadLetters.report(buffered.get(refused.index()), refused.reason() + ": " + refused.detail());
      }
      buffer.clear();
      buffered.clear();
    }
  }

  /** Commits, or asks Connect to call again with the same records, which the sink then skips. */
  private void commit() {
    boolean committed;
    long start = System.nanoTime();
    try {
      // After the commit a record that was left out does not come again.
      deadLetters.await();
      committed = sink.commit(false);
    } catch (StorageUnavailableException problem) {
      again = true;
      metrics.commitFailed();
      context.timeout(settings.retryBackoff);
      throw new RetriableException("the commit is tried again: " + problem.getMessage(), problem);
    } catch (FinanceLakeException problem) {
      throw new ConnectException(problem.getMessage(), problem);
    }
    if (committed) {
      metrics.committed(System.nanoTime() - start);
      if (sink.status().dueIn() < 0) {
        partitions.values().forEach(partition -> partition.pending = false);
      }
      context.requestCommit();
    } else {
      metrics.commitFenced();
      LOG.warn("another task wrote a partition of this one meanwhile; all are read again");
      rewind();
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
          partition.pending = false;
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
          if (!partition.pending && !partition.rewound && !distrusted) {
            shown.put(name, newest);
          } else {
            long position = sink.position(partition.number);
            if (position != NativeSink.NO_POSITION) {
              shown.put(name, new OffsetAndMetadata(position));
            }
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
    distrusted |= again;
    if (sink == null || sink.status().dueIn() < 0) {
      return;
    }
    long start = System.nanoTime();
    try {
      deadLetters.await();
      if (sink.commit(true)) {
        metrics.committed(System.nanoTime() - start);
        partitions.values().forEach(partition -> partition.pending = false);
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
