package io.financelake.connect;

import io.financelake.jni.NativeSink;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Numbers of a task, set by its thread and shown in JMX as {@code io.financelake.connect:type=sink-task}. A number per
 * worker tells tasks apart, as Connect does not tell a task its own.
 */
final class TaskMetrics implements TaskMetricsMXBean, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskMetrics.class);
  private static final AtomicLong TASKS = new AtomicLong();

  private volatile NativeSink.Status status = new NativeSink.Status(0, 0, 0, 0, 0, false, false, -1);
  private volatile long commits;
  private volatile long failed;
  private volatile long fenced;
  private volatile long lastCommit;
  private volatile boolean paused;
  private volatile long pauses;
  private volatile long longestPut;
  private ObjectName name;

  /** Shows a new task of the connector; metrics that cannot be shown are no reason to fail. */
  TaskMetrics(Map<String, String> properties) {
    String connector = ObjectName.quote(properties.getOrDefault("name", ""));
    try {
      name =
          new ObjectName(
              String.format(
                  "io.financelake.connect:type=sink-task,connector=%s,number=%d",
                  connector, TASKS.getAndIncrement()));
      ManagementFactory.getPlatformMBeanServer().registerMBean(this, name);
    } catch (JMException problem) {
      LOG.warn("the task's metrics are not in JMX: {}", problem.toString());
    }
  }

  /** After a call of put, which took so long. */
  void show(NativeSink.Status now, boolean isPaused, long nanos) {
    status = now;
    pauses += isPaused && !paused ? 1 : 0;
    paused = isPaused;
    longestPut = Math.max(longestPut, TimeUnit.NANOSECONDS.toMicros(nanos));
  }

  void committed(long nanos) {
    commits++;
    lastCommit = TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  void commitFailed() {
    failed++;
  }

  void commitFenced() {
    fenced++;
  }

  @Override
  public long getCollectedRecords() {
    return status.records();
  }

  @Override
  public long getCollectedBytes() {
    return status.bytes();
  }

  @Override
  public long getCommittingBytes() {
    return status.committingBytes();
  }

  @Override
  public boolean isPaused() {
    return paused;
  }

  @Override
  public long getPauses() {
    return pauses;
  }

  @Override
  public long getLongestPutMicros() {
    return longestPut;
  }

  @Override
  public long getSkippedRecords() {
    return status.skipped();
  }

  @Override
  public long getRefusedRecords() {
    return status.refused();
  }

  @Override
  public long getCommits() {
    return commits;
  }

  @Override
  public long getFailedCommits() {
    return failed;
  }

  @Override
  public long getFencedCommits() {
    return fenced;
  }

  @Override
  public long getLastCommitMillis() {
    return lastCommit;
  }

  @Override
  public void close() {
    if (name == null) {
      return;
    }
    try {
      ManagementFactory.getPlatformMBeanServer().unregisterMBean(name);
    } catch (JMException gone) {
      LOG.debug("the task's metrics were not in JMX", gone);
    }
  }
}
