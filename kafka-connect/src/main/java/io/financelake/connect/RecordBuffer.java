package io.financelake.connect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** Records in the form of {@link io.financelake.jni.NativeSink#append}, in memory that is used again. */
final class RecordBuffer {
  private static final int INITIAL = 1 << 20;
  private static final int NULL = -1;

  private final Parts parts;
  private ByteBuffer buffer = allocate(INITIAL);

  RecordBuffer(Parts parts) {
    this.parts = parts;
  }

  /** What of a record is handed over. */
  enum Parts {
    /** Key, value and headers as they were received. */
    ALL,
    /** The value as JSON, whatever a converter made of it. */
    JSON
  }

  private static ByteBuffer allocate(int capacity) {
    return ByteBuffer.allocateDirect(capacity).order(ByteOrder.nativeOrder());
  }

  /** The records so far, from 0 to the buffer's position. */
  ByteBuffer bytes() {
    return buffer;
  }

  boolean isEmpty() {
    return buffer.position() == 0;
  }

  void clear() {
    buffer.clear();
  }

  /** Adds a record of the partition with that number. */
  void add(int number, SinkRecord record) {
    boolean hasTimestamp =
        record.timestamp() != null && record.timestampType() != TimestampType.NO_TIMESTAMP_TYPE;
    putInt(number);
    putLong(record.originalKafkaOffset());
    putLong(hasTimestamp ? record.timestamp() : 0);
    putInt(hasTimestamp ? record.timestampType().id : NULL);
    putBytes(parts == Parts.ALL ? bytesOf(record.key(), record, "key") : null);
    putBytes(
        parts == Parts.JSON
            ? JsonText.of(record.valueSchema(), record.value())
            : bytesOf(record.value(), record, "value"));
    if (parts != Parts.ALL) {
      putInt(0);
      return;
    }
    putInt(record.headers().size());
    for (Header header : record.headers()) {
      putBytes(header.key().getBytes(StandardCharsets.UTF_8));
      putBytes(bytesOf(header.value(), record, "header"));
    }
  }

  private static byte[] bytesOf(Object value, SinkRecord record, String part) {
    if (value == null || value instanceof byte[]) {
      return (byte[]) value;
    }
    if (value instanceof String) {
      return ((String) value).getBytes(StandardCharsets.UTF_8);
    }
    throw new DataException(
        String.format(
            "the %s of %s-%d offset %d is a %s, not the bytes that were received; write %s.converter=%s",
            part,
            record.originalTopic(),
            record.originalKafkaPartition(),
            record.originalKafkaOffset(),
            value.getClass().getSimpleName(),
            part,
            SinkTexts.BYTE_ARRAY_CONVERTER));
  }

  private void putBytes(byte[] bytes) {
    if (bytes == null) {
      putInt(NULL);
    } else {
      putInt(bytes.length);
      reserve(bytes.length);
      buffer.put(bytes);
    }
  }

  private void putInt(int value) {
    reserve(Integer.BYTES);
    buffer.putInt(value);
  }

  private void putLong(long value) {
    reserve(Long.BYTES);
    buffer.putLong(value);
  }

  private void reserve(int bytes) {
    if (buffer.remaining() < bytes) {
      long needed = (long) buffer.position() + bytes;
      int capacity = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(needed, 2L * buffer.capacity()));
      ByteBuffer larger = allocate(capacity);
      buffer.flip();
      larger.put(buffer);
      buffer = larger;
    }
  }
}
