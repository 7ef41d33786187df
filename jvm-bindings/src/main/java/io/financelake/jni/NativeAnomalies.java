package io.financelake.jni;

/** Bars that stand out of those before them. */
public final class NativeAnomalies {

  private NativeAnomalies() {}

  /**
   * Finds what stands out among the bars of one series, in their order.
   *
   * @param assetClass whose default thresholds apply
   * @param thresholds a JSON object with those that are to be others; docs/trend-model.md lists them
   * @param ts times in microseconds
   * @param close closes, NaN for what is missing
   * @param volume volumes, NaN for what is missing
   * @return a JSON array of objects with {@code row}, {@code kind}, {@code value}, {@code expected}, {@code
   *     score}, {@code threshold} and {@code explanation}
   * @throws InvalidArgumentException if the arrays differ in length, or a threshold cannot be
   */
  public static String find(
      String assetClass, String thresholds, long[] ts, double[] close, double[] volume) {
    NativeLibrary.load();
    return findIn(assetClass, thresholds, ts, close, volume);
  }

  private static native String findIn(
      String assetClass, String thresholds, long[] ts, double[] close, double[] volume);
}
