package io.financelake.jni;

/**
 * Maintenance of Delta tables. A request is a JSON object with {@code location} (the table's folder) and, where they
 * are needed, {@code hadoopConfDir} and {@code user}; an answer is JSON. Nothing is kept between calls. Calls
 * block until their work is done, and may be made from any thread.
 *
 * <p>All throw {@link InvalidArgumentException} for a request that cannot be followed, {@link
 * UnsupportedRequestException} when a table feature forbids the operation, {@link TableUnusableException} when there is
 * no table or it is damaged, and {@link StorageUnavailableException} when the storage failed.
 */
public final class NativeTable {
  private NativeTable() {}

  /**
   * Plans an optimisation, and changes nothing: {@code version} (the newest if it is left out), {@code condition},
   * {@code targetMib}.
   *
   * @return {@code plan}, and {@code work}: for each bin a request's {@code work} of {@link #rewrite}
   */
  public static String plan(String request) {
    NativeLibrary.load();
    return planOptimize(request);
  }

  /**
   * Writes the rows of a bin into new files: {@code work}. The table does not have them until they are committed.
   *
   * @return {@code files}, and {@code rows}, their number
   */
  public static String rewrite(String request) {
    NativeLibrary.load();
    return rewriteBin(request);
  }

  /** Deletes what nobody can reach, or finds it: {@code retainHours}, {@code unsafeRetention}, {@code dryRun}. */
  public static String vacuum(String request) {
    NativeLibrary.load();
    return vacuumTable(request);
  }

  /** Numbers about a table, from its log. */
  public static String health(String request) {
    NativeLibrary.load();
    return measureHealth(request);
  }

  private static native String planOptimize(String request);

  private static native String rewriteBin(String request);

  private static native String vacuumTable(String request);

  private static native String measureHealth(String request);
}
