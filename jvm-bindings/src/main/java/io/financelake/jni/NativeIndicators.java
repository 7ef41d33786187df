package io.financelake.jni;

/**
 * Indicators over rows that arrive in batches: a set of calls, compiled once, and the state that runs
 * through the batches.
 *
 * <p>All memory belongs to the caller, who passes addresses that are valid until the call returns. Input
 * values are {@code double}; output values are {@code double} or {@code int}, as the registry says for each
 * output, or {@code float} for a model's probabilities; validity is a bitmap, bit {@code i % 8} of byte {@code i / 8} set for a row that is not NULL.
 * Values need the alignment of their type. Written memory must not overlap any other memory of the call.
 */
public final class NativeIndicators extends NativeHandle {

  private NativeIndicators(long handle) {
    super(handle);
  }

  /**
   * Compiles a set of calls; equal sub-expressions are computed once.
   *
   * @param json for example {@code {"columns":2,"calls":[{"function":"rsi","inputs":[0],"params":[14]}]}}:
   *     how many input columns there are, and per call the function, the columns it reads and its
   *     parameters, of which trailing ones may be left out
   * @throws InvalidArgumentException if the JSON, a column, the number of inputs or a parameter is wrong
   * @throws UnsupportedRequestException if there is no such function, or it is not available yet
   */
  public static NativeIndicators compile(String json) {
    return compile(json, new byte[0][]);
  }

  /**
   * Compiles a set of calls, of which some run trend models.
   *
   * @param json as for {@link #compile(String)}, with for example {@code
   *     "trends":[{"model":0,"inputs":[0,1]}]} beside the calls: which model, and the column of each of its
   *     features. The outputs of a model follow those of the calls: an {@code int} and three {@code float}s
   * @param models the model files that the request names by index; equal ones are in memory once
   * @throws InvalidArgumentException as above, and if a file is not a sound model
   */
  public static NativeIndicators compile(String json, byte[][] models) {
    NativeLibrary.load();
    return new NativeIndicators(open(json, models));
  }

  /**
   * How much memory outside the heap a compiled set of calls takes at most, in bytes: long periods
   * need long histories. Nothing is allocated.
   *
   * @param json as for {@link #compile}, with the same exceptions
   */
  public static long memoryNeeded(String json) {
    NativeLibrary.load();
    return measure(json);
  }

  /**
   * Computes the next {@code rows} rows and carries the state on.
   *
   * <p>When this throws {@link InvalidArgumentException} or {@link ClosedHandleException}, nothing was
   * written and the state is as before. After any other exception the outputs and the state are lost:
   * close this object.
   *
   * @param rows how many rows the batch has; 0 does nothing
   * @param inputValues per column the address of its values
   * @param inputValidity per column the address of its bitmap, 0 for a column without NULL
   * @param startsAddress address of the indices, as ascending {@code int}s, of rows that begin a new
   *     group; row 0, when it is not among them, goes on with the group of the batch before
   * @param startsCount how many indices there are
   * @param outputValues per output, in the order of the calls and of their outputs, where to put its
   *     values; rows whose result is NULL hold 0
   * @param outputValidity per output where to put its bitmap, {@code (rows + 7) / 8} bytes
   */
  public void run(
      int rows,
      long[] inputValues,
      long[] inputValidity,
      long startsAddress,
      int startsCount,
      long[] outputValues,
      long[] outputValidity) {
    runBatch(
        handle(),
        rows,
        inputValues,
        inputValidity,
        startsAddress,
        startsCount,
        outputValues,
        outputValidity);
  }

  /** Forgets all rows, as if newly compiled. */
  public void reset() {
    resetState(handle());
  }

  /** The state after the rows so far, to go on from in another process. */
  public byte[] save() {
    return saveState(handle());
  }

  /**
   * Goes on from saved state.
   *
   * @throws IncompatibleStateException if the bytes are damaged or come from other calls or another version;
   *     the state is then as before
   */
  public void restore(byte[] state) {
    restoreState(handle(), state);
  }

  private static native long open(String json, byte[][] models);

  private static native long measure(String json);

  private static native void runBatch(
      long handle,
      int rows,
      long[] inputValues,
      long[] inputValidity,
      long startsAddress,
      int startsCount,
      long[] outputValues,
      long[] outputValidity);

  private static native void resetState(long handle);

  private static native byte[] saveState(long handle);

  private static native void restoreState(long handle, byte[] state);
}
