package io.financelake.jni;

/** The outcome of one {@link NativeRecords#parse}: columns in native memory, until they are drained. */
public final class NativeRecordBatch extends NativeHandle {
  /** Elements per column in the array that {@link #drain} fills. */
  public static final int PLACES_PER_COLUMN = 3;

  NativeRecordBatch(long handle) {
    super(handle);
  }

  /** Number of rows: one per record, refused and blank ones included. */
  public int rows() {
    return rows(handle());
  }

  /** Number of accepted records among the rows. */
  public int accepted() {
    return accepted(handle());
  }

  /** Bytes that {@link #drain} needs. */
  public long byteSize() {
    return byteSize(handle());
  }

  /**
   * Copies all columns into one block of the caller and frees the native copy; only {@link #close} may
   * follow. When it throws, the batch is as it was.
   *
   * <p>For column i of {@link NativeRecords#schema} it sets, as byte positions from {@code address} and
   * multiples of 8: {@code columnOffsets[3 * i]} = the validity bitmap (least significant bit first, 1 = not
   * null), {@code [3 * i + 1]} = the {@code rows + 1} ints that are the offsets of a STRING, else -1, {@code
   * [3 * i + 2]} = the values: UTF-8 bytes, or longs (BIGINT; TIMESTAMP in microseconds), ints (INT; DATE in
   * days), doubles, or one byte 0 or 1 (BOOLEAN). Values of null rows are 0.
   *
   * @param address a block aligned to 8 bytes
   * @param capacity its size, at least {@link #byteSize}
   * @param columnOffsets {@link #PLACES_PER_COLUMN} elements per column
   * @throws InvalidArgumentException if the block or the array does not fit, or after an earlier drain
   */
  public void drain(long address, long capacity, long[] columnOffsets) {
    drain(handle(), address, capacity, columnOffsets);
  }

  private static native int rows(long handle);

  private static native int accepted(long handle);

  private static native long byteSize(long handle);

  private static native void drain(
      long handle, long address, long capacity, long[] columnOffsets);
}
