package io.financelake.connect;

/** A topic partition of a task. */
final class AssignedPartition {
  /** In place of {@link #collected}: nothing was since it was taken over or rewound. */
  static final long NOTHING = Long.MIN_VALUE;

  /** Its number in the native sink. */
  final int number;

  /** The offset behind the last record that was handed over. */
  long collected = NOTHING;

  /** Its records are to be read again, and none has come yet. */
  boolean rewound;

  AssignedPartition(int number) {
    this.number = number;
  }
}
