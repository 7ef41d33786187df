package io.financelake.jni;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An object that lives in native memory until it is closed.
 *
 * <p>There is no finaliser and no cleaner: native memory would then go when the collector happens to run,
 * which is late exactly when the Java heap is small and the native one is full. Whoever makes an object
 * closes it, in Spark through a task completion listener.
 */
abstract class NativeHandle implements AutoCloseable {
  private final long handle;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes over a handle that the native library gave. */
  NativeHandle(long handle) {
    this.handle = handle;
  }

  /** The handle; the native side refuses one that was closed, so no check is needed here. */
  final long handle() {
    return handle;
  }

  /**
   * Frees the native object; a second call does nothing. Safe from any thread: a call that is running on
   * the object ends first, later calls throw {@link ClosedHandleException}.
   */
  @Override
  public final void close() {
    if (closed.compareAndSet(false, true)) {
      closeHandle(handle);
    }
  }

  private static native boolean closeHandle(long handle);
}
