package io.financelake.connect;

/** What JMX shows of a task; counters start with the task. */
public interface TaskMetricsMXBean {
  /** Records that are collected and not committed. */
  long getCollectedRecords();

  /** About how many bytes of native memory they take. */
  long getCollectedBytes();

  /** About how many bytes of native memory a commit takes that is on its way. */
  long getCommittingBytes();

  /** Whether partitions are paused because the memory that is allowed is taken. */
  boolean isPaused();

  /** How often they were paused. */
  long getPauses();

  /** Microseconds that the longest call of put took. */
  long getLongestPutMicros();

  /** Records that were skipped because their table has them. */
  long getSkippedRecords();

  /** Records that were refused, blank ones included. */
  long getRefusedRecords();

  /** Commits that were done. */
  long getCommits();

  /** Commits that have to be tried again because the storage failed. */
  long getFailedCommits();

  /** Commits that were refused because another task had written a partition. */
  long getFencedCommits();

  /** Milliseconds that the newest commit took. */
  long getLastCommitMillis();
}
