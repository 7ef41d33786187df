package io.financelake.sql;

import org.apache.spark.TaskContext;
import org.apache.spark.memory.MemoryConsumer;
import org.apache.spark.memory.TaskMemoryManager;

/**
 * Memory that the native library will take, reserved from Spark's memory manager before it is taken.
 *
 * <p>In Java, since Spark hides the task's memory manager from Scala code outside its own packages.
 */
final class ReservedMemory extends MemoryConsumer implements AutoCloseable {
  private final long bytes;

  private ReservedMemory(TaskMemoryManager manager, long bytes) {
    super(manager, manager.pageSizeBytes(), manager.getTungstenMemoryMode());
    this.bytes = bytes;
  }

  /**
   * Reserves memory for the running task.
   *
   * @throws IllegalStateException if the manager does not grant all of it; nothing is reserved then
   */
  static ReservedMemory of(TaskContext task, long bytes) {
    ReservedMemory reserved = new ReservedMemory(task.taskMemoryManager(), bytes);
    long granted = reserved.acquireMemory(bytes);
    if (granted < bytes) {
      reserved.freeMemory(granted);
      throw new IllegalStateException(
          String.format(
              "the indicators of this window keep %d MiB of history in each task, and Spark's memory "
                  + "manager grants %d MiB of it; use shorter periods or fewer indicators in a query, "
                  + "raise spark.executor.memory, or run fewer tasks at a time",
              bytes >> 20, granted >> 20));
    }
    return reserved;
  }

  /** Native histories are needed until the task ends; there is nothing to spill. */
  @Override
  public long spill(long size, MemoryConsumer trigger) {
    return 0;
  }

  @Override
  public void close() {
    freeMemory(bytes);
  }
}
