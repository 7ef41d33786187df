package io.financelake.jni;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the records of a Kafka Connect task into Bronze tables or plain files, exactly once: what is written and
 * how far each topic partition has come is one commit.
 *
 * <p>Calls take turns and block until their work is done, except {@link #begin}. After {@link StorageUnavailableException} the
 * same call may be repeated; after any other exception the sink is only to be closed, which loses nothing that was
 * committed.
 */
public final class NativeSink extends NativeHandle {
  /** In place of a position: the table has nothing of that partition. */
  public static final long NO_POSITION = -1;

  private NativeSink(long handle) {
    super(handle);
  }

  /**
   * The Bronze table as JSON: {@code schema} (as Spark spells it), {@code partitions}, {@code order}, {@code
   * properties} and {@code invalid_region}, which stands in place of a region for refused records.
   */
  public static String bronzeTable() {
    NativeLibrary.load();
    return describeBronze();
  }

  /**
   * Where a record of now would go, without touching any storage; for a table its folder.
   *
   * @param configJson as in {@link #open}
   * @throws InvalidArgumentException if the configuration is not understood
   */
  public static String samplePath(String configJson) {
    NativeLibrary.load();
    return sampleOf(configJson);
  }

  /**
   * Opens the table, or makes it.
   *
   * @param configJson an object with {@code location} (the table's folder), {@code application} (start of the
   *     transaction identifiers) and any of {@code routes}, {@code files} (plain
   *     files in place of a table), {@code hadoop_conf_dir}, {@code user}, {@code
   *     compression}, {@code malformed}, {@code rotation}, {@code commit_timeout_s} and {@code records} (as in
   *     {@link NativeRecords#open})
   * @throws InvalidArgumentException if the configuration is not understood
   * @throws TableUnusableException if the table is not a Bronze table or has features that are not supported
   * @throws StorageUnavailableException if the storage cannot be reached
   */
  public static NativeSink open(String configJson) {
    NativeLibrary.load();
    return new NativeSink(openSink(configJson));
  }

  /** Takes a topic partition over, at the position that the table has; returns its number in buffers. */
  public int assign(String topic, int partition) {
    return assign(handle(), topic, partition);
  }

  /** The first offset of a partition that the table does not have, or {@link #NO_POSITION}. */
  public long position(int number) {
    return position(handle(), number);
  }

  /**
   * Collects records. The buffer is read from 0 to its position, during the call only.
   *
   * <p>Records follow each other without padding, in native byte order: int number of the partition, long
   * offset, long timestamp in milliseconds, int timestamp type (-1 none, 0 producer, 1 broker), key, value, int
   * number of headers, and per header its name and value. Keys, values and names are an int length and bytes; length -1
   * is null.
   *
   * @param buffer a direct buffer in native byte order
   * @return the records that the rules refused, if they are to be reported; else none
   * @throws InvalidArgumentException if the buffer is not direct or not of this form
   * @throws TableUnusableException if a partition goes back, or a record was refused and this is to end the task
   */
  public List<Refused> append(ByteBuffer buffer) {
    String[] parts = append(handle(), buffer, buffer.position());
    if (parts == null) {
      return List.of();
    }
    List<Refused> refused = new ArrayList<>(parts.length / 3);
    for (int i = 0; i < parts.length; i += 3) {
      refused.add(new Refused(Integer.parseInt(parts[i]), parts[i + 1], parts[i + 2]));
    }
    return refused;
  }

  /**
   * Begins to bring what was collected into the table or into files, and returns at once; {@link #outcome} tells what
   * became of it. Records may be collected meanwhile. Does nothing while a commit is on its way, and tries one that failed
   * again before anything new.
   *
   * @param all as in {@link #commit}
   */
  public void begin(boolean all) {
    begin(handle(), all);
  }

  /**
   * What became of the commit that was begun; told once.
   *
   * @throws StorageUnavailableException if it is not known to be there; {@link #begin} goes on with it
   */
  public Outcome outcome() {
    return Outcome.values()[outcome(handle())];
  }

  /** What became of a commit. */
  public enum Outcome {
    /** It is on its way, or there is none. */
    NONE,
    /** What was collected before it is in its place. */
    COMMITTED,
    /**
     * Another task had written one of the partitions meanwhile: all that was collected is dropped, and each partition is
     * to be read again from its {@link #position}.
     */
    FENCED
  }

  /**
   * Brings what was collected into the table or into files, and waits for it.
   *
   * @param all also files that are neither complete nor old enough; a table always gets all
   * @return false if another task had written one of the partitions meanwhile: then all that was collected is
   *     dropped, and each partition is to be read again from its {@link #position}
   * @throws StorageUnavailableException if it is not known to be there; calling again goes on with it
   */
  public boolean commit(boolean all) {
    return commit(handle(), all);
  }

  /**
   * Moves a partition forward without records: those before the offset are left out.
   *
   * @return false if another task had written the partition meanwhile: nothing was changed
   * @throws InvalidArgumentException if it would go back, as records would be there twice
   */
  public boolean advance(String topic, int partition, long offset) {
    return advance(handle(), topic, partition, offset);
  }

  /** Drops what was collected, and cuts a commit off; each partition is to be read again from its {@link #position}. */
  public void discard() {
    discard(handle());
  }

  /** What is collected, and counters since the start. */
  public Status status() {
    long[] counts = status(handle());
    return new Status(
        counts[0], counts[1], counts[2], counts[3], counts[4], counts[5] != 0, counts[6] != 0, counts[7]);
  }

  /**
   * A record that was left out.
   *
   * @param index which record of the buffer, counted from 0
   * @param reason the code of the reason
   * @param detail what was found
   */
  public record Refused(int index, String reason, String detail) {}

  /**
   * State of a sink.
   *
   * @param records records that are collected
   * @param bytes about how many bytes they take
   * @param committingBytes about how many bytes a commit takes that was begun and not ended
   * @param skipped records that were skipped because their table has them
   * @param refused records that the rules refused, blank ones included
   * @param committing a commit was begun and its end is not known
   * @param running an attempt at it is on its way
   * @param dueIn milliseconds until a commit is to be begun, or a negative number while there is nothing to begin
   */
  public record Status(
      long records,
      long bytes,
      long committingBytes,
      long skipped,
      long refused,
      boolean committing,
      boolean running,
      long dueIn) {

    /** About how many bytes of native memory the sink holds. */
    public long heldBytes() {
      return bytes + committingBytes;
    }
  }

  private static native String describeBronze();

  private static native String sampleOf(String config);

  private static native long openSink(String config);

  private static native int assign(long handle, String topic, int partition);

  private static native long position(long handle, int number);

  private static native String[] append(long handle, ByteBuffer buffer, int length);

  private static native void begin(long handle, boolean all);

  private static native int outcome(long handle);

  private static native boolean commit(long handle, boolean all);

  private static native boolean advance(long handle, String topic, int partition, long offset);

  private static native void discard(long handle);

  private static native long[] status(long handle);
}
