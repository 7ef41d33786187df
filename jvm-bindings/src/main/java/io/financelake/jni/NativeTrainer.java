package io.financelake.jni;

/**
 * A training of a trend model: samples in, then an epoch per call, then the model. It runs in the calling thread and
 * starts no other.
 */
public final class NativeTrainer extends NativeHandle {

  private NativeTrainer(long handle) {
    super(handle);
  }

  /**
   * Opens a training without samples.
   *
   * @param plan a JSON object: {@code window}, {@code features} as in a model's card, and optionally {@code
   *     sizes}, {@code labels} and {@code settings}; docs/trend-model.md lists them
   * @throws InvalidArgumentException if the JSON is of another shape
   */
  public static NativeTrainer open(String plan) {
    NativeLibrary.load();
    return new NativeTrainer(openTraining(plan));
  }

  /**
   * Adds rows of series, series after series, each in its order.
   *
   * @param rows per row the close and the features, NaN for what is missing
   * @param starts indices of the rows that begin a series, ascending
   */
  public void add(double[] rows, int[] starts) {
    addRows(handle(), rows, starts);
  }

  /**
   * Makes samples of the rows: labels, the split by time, the features' ranges.
   *
   * @return a JSON object with the number of samples per class of {@code training}, {@code validation} and
   *     {@code test}
   * @throws InvalidArgumentException if no sample is left for training
   */
  public String begin() {
    return beginWithRows(handle());
  }

  /**
   * Takes windows that were formed elsewhere as samples.
   *
   * @param windows one window after the other, in each one row after the other, oldest first
   * @param labels the class of each window
   * @param parts 0 for a window to train with, 1 for one that decides when to stop
   * @return as {@link #begin()}
   */
  public String begin(double[] windows, int[] labels, int[] parts) {
    return beginWithWindows(handle(), windows, labels, parts);
  }

  /**
   * Trains for one more epoch.
   *
   * @return a JSON object with {@code number}, {@code loss}, {@code validation_loss}, {@code
   *     validation_accuracy}, {@code best} and {@code finished}
   */
  public String epoch() {
    return trainEpoch(handle());
  }

  /**
   * How good the best parameters so far are: a JSON object with the scores over {@code training}, {@code
   * validation} and {@code test}, and over the test part those of {@code majority} and {@code last_direction}.
   */
  public String scores() {
    return scoresOf(handle());
  }

  /**
   * The samples of a part, for other methods to learn from: per sample its class and the scaled features of
   * its last row.
   *
   * @param part 0 training, 1 validation, 2 test
   */
  public double[] samples(int part) {
    return samplesOf(handle(), part);
  }

  /**
   * The model file with the best parameters so far.
   *
   * @param training a JSON value for the card: how and on what it was trained
   */
  public byte[] model(String training) {
    return modelOf(handle(), training);
  }

  /** The training, without its samples, to go on with in another process. */
  public byte[] save() {
    return saveTraining(handle());
  }

  /**
   * Goes on from a saved training with the same samples and settings.
   *
   * @return whether it had ended
   * @throws IncompatibleStateException if the bytes are damaged or of another training
   */
  public boolean restore(byte[] state) {
    return restoreTraining(handle(), state);
  }

  /**
   * The class of each row by the closes of one series; -1 where there is none.
   *
   * @param labels the {@code labels} of a model's card
   */
  public static int[] labels(String labels, double[] close) {
    NativeLibrary.load();
    return labelsOf(labels, close);
  }

  /** Scores of predictions without probabilities, as {@link #scores} spells them. */
  public static String scores(int[] came, int[] predicted) {
    NativeLibrary.load();
    return scoresOfClasses(came, predicted);
  }

  private static native long openTraining(String plan);

  private static native void addRows(long handle, double[] rows, int[] starts);

  private static native String beginWithRows(long handle);

  private static native String beginWithWindows(
      long handle, double[] windows, int[] labels, int[] parts);

  private static native String trainEpoch(long handle);

  private static native String scoresOf(long handle);

  private static native double[] samplesOf(long handle, int part);

  private static native byte[] modelOf(long handle, String training);

  private static native byte[] saveTraining(long handle);

  private static native boolean restoreTraining(long handle, byte[] state);

  private static native int[] labelsOf(String labels, double[] close);

  private static native String scoresOfClasses(int[] came, int[] predicted);
}
