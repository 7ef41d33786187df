package io.financelake.connect;

/** A topic partition of a task. */
final class AssignedPartition {
  /** Its number in the native sink. */
  final int number;

  /** Records of it are collected and not committed. */
  boolean pending;

  /** Its records are to be read again, and none has come yet. */
  boolean rewound;

  AssignedPartition(int number) {
    this.number = number;
  }
}
