package io.financelake.jni;

/**
 * A trend model, which scores windows that were formed elsewhere. Windows over rows are formed by {@link
 * NativeIndicators#compile(String, byte[][])}.
 */
public final class NativeTrend extends NativeHandle {

  /** Numbers per window in the result of {@link #score}. */
  public static final int RESULTS = 4;

  private NativeTrend(long handle) {
    super(handle);
  }

  /**
   * What a model file is: a JSON object with {@code digest}, the SHA-256 of the file, and {@code card}, its
   * description.
   *
   * @throws InvalidArgumentException if the file is not a sound model; the message says why
   */
  public static String describe(byte[] file) {
    NativeLibrary.load();
    return describeModel(file);
  }

  /**
   * Opens a model; equal files are in memory once.
   *
   * @throws InvalidArgumentException as for {@link #describe}
   */
  public static NativeTrend open(byte[] file) {
    NativeLibrary.load();
    return new NativeTrend(openModel(file));
  }

  /**
   * Scores windows.
   *
   * @param features one window after the other, in each one row after the other, oldest first
   * @return per window the class (0 down, 1 up, 2 neutral) and the probabilities of down, up and neutral; NaN for
   *     a window with a value that is not finite
   * @throws InvalidArgumentException if the length is not a number of windows
   */
  public float[] score(double[] features) {
    return scoreWindows(handle(), features);
  }

  private static native String describeModel(byte[] file);

  private static native long openModel(byte[] file);

  private static native float[] scoreWindows(long handle, double[] features);
}
