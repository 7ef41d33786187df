package io.financelake.jni;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes and checks market records, many per call, by the rules of {@code docs/market-records.md}.
 *
 * <p>One object stands for the settings of one file or topic. Its calls take turns, so each task opens its
 * own.
 */
public final class NativeRecords extends NativeHandle {
  private NativeRecords(long handle) {
    super(handle);
  }

  /**
   * Opens a parser.
   *
   * @param configJson an object with any of {@code reference} (the CSV text of the instruments reference),
   *     {@code format} ("json" or "csv"), {@code columns} (array of names, for CSV), {@code freq}, {@code
   *     source}, {@code adjustment} (for records that do not say), {@code closes_only} (boolean) and {@code
   *     closes_only_sources} (array)
   * @throws InvalidArgumentException if a key is unknown or a value not allowed; the message says which
   */
  public static NativeRecords open(String configJson) {
    NativeLibrary.load();
    return new NativeRecords(openParser(configJson));
  }

  /**
   * The columns of every batch, in order, as a schema that {@code StructType.fromDDL} reads: {@code series
   * STRING, symbol STRING, ...}.
   */
  public static String schema() {
    NativeLibrary.load();
    return describeSchema();
  }

  /** The version of the rules, stored with rows as {@code rule_version}. */
  public static int ruleVersion() {
    NativeLibrary.load();
    return currentRuleVersion();
  }

  /**
   * The one rule behind every {@code date} column.
   *
   * @param micros microseconds since 1970-01-01T00:00Z
   * @return the UTC day, in days since 1970-01-01
   */
  public static int dateOf(long micros) {
    NativeLibrary.load();
    return utcDay(micros);
  }

  /** A digest of the reference, stored with rows as {@code ref_version}; 0 for no reference. */
  public long referenceVersion() {
    return referenceVersion(handle());
  }

  /**
   * Decides records. The memory is read during the call only and stays the caller's.
   *
   * @param valuesAddress the bytes of all records; ignored when there are none
   * @param offsetsAddress {@code rows + 1} ints, ascending: record i is [offset i, offset i + 1)
   * @param timestampsAddress {@code rows} longs: when each record was received, in microseconds
   * @param rows number of records
   * @return one row per record, to be drained and closed
   * @throws InvalidArgumentException if an address is null or misaligned, or offsets go backwards
   */
  public NativeRecordBatch parse(
      long valuesAddress, long offsetsAddress, long timestampsAddress, int rows) {
    return new NativeRecordBatch(
        parse(handle(), valuesAddress, offsetsAddress, timestampsAddress, rows));
  }

  /**
   * Decides one record, for callers that have no more of them; many are quicker with {@link #parse}.
   *
   * @param record its bytes
   * @param received when it was received, in microseconds
   */
  public Decision decide(byte[] record, long received) {
    byte[] decided = decideOne(handle(), record, received);
    if (decided[0] == 0) {
      return new Decision(Arrays.copyOfRange(decided, 1, decided.length), null, null);
    }
    if (decided.length == 1) {
      return new Decision(null, "empty_line", "the record is blank");
    }
    String[] parts =
        new String(decided, 1, decided.length - 1, StandardCharsets.UTF_8).split("\0", 2);
    return new Decision(null, parts[0], parts[1]);
  }

  /**
   * What became of one record.
   *
   * @param normalized the accepted record as one JSON object in its normal form; null if it was refused
   * @param reason the code of the reason if it was refused or blank, else null
   * @param detail what was found, else null
   */
  public record Decision(byte[] normalized, String reason, String detail) {
    /** True if the record passed every rule. */
    public boolean accepted() {
      return normalized != null;
    }
  }

  private static native byte[] decideOne(long handle, byte[] record, long received);

  private static native long openParser(String config);

  private static native String describeSchema();

  private static native int currentRuleVersion();

  private static native int utcDay(long micros);

  private static native long referenceVersion(long handle);

  private static native long parse(
      long handle, long values, long offsets, long timestamps, int rows);
}
