package io.financelake.connect.transforms;

import io.financelake.jni.FinanceLakeException;
import io.financelake.jni.NativeRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * Decides the market record in one part of a Kafka record. What becomes of it depends on the part, Kafka's
 * timestamp and the configuration only, so that a replay decides the same.
 */
abstract class QuoteTransform<R extends ConnectRecord<R>> implements Transformation<R> {
  static final String REFERENCE = "instruments.reference";
  static final String CLOSES_ONLY_SOURCES = "closes.only.sources";

  private NativeRecords records;
  private AbstractConfig config;

  /** Which part of a record holds the market record, and how it is replaced. */
  interface Part {
    Schema schema(ConnectRecord<?> record);

    Object value(ConnectRecord<?> record);

    <R extends ConnectRecord<R>> R replaced(R record, Object value);
  }

  static final Part KEY =
      new Part() {
        @Override
        public Schema schema(ConnectRecord<?> record) {
          return record.keySchema();
        }

        @Override
        public Object value(ConnectRecord<?> record) {
          return record.key();
        }

        @Override
        public <R extends ConnectRecord<R>> R replaced(R record, Object key) {
          return record.newRecord(
              record.topic(),
              record.kafkaPartition(),
              record.keySchema(),
              key,
              record.valueSchema(),
              record.value(),
              record.timestamp());
        }
      };

  static final Part VALUE =
      new Part() {
        @Override
        public Schema schema(ConnectRecord<?> record) {
          return record.valueSchema();
        }

        @Override
        public Object value(ConnectRecord<?> record) {
          return record.value();
        }

        @Override
        public <R extends ConnectRecord<R>> R replaced(R record, Object value) {
          return record.newRecord(
              record.topic(),
              record.kafkaPartition(),
              record.keySchema(),
              record.key(),
              record.valueSchema(),
              value,
              record.timestamp());
        }
      };

  private final Part part;

  QuoteTransform(Part part) {
    this.part = part;
  }

  /** The keys that both transforms have. */
  static ConfigDef definition() {
    return new ConfigDef()
        .define(
            REFERENCE,
            ConfigDef.Type.STRING,
            "",
            ConfigDef.Importance.MEDIUM,
            "The instruments reference, a CSV file on the worker: fills region and asset_class where a record lacks"
                + " them.")
        .define(
            CLOSES_ONLY_SOURCES,
            ConfigDef.Type.LIST,
            List.of(),
            ConfigDef.Importance.LOW,
            "Sources that publish one price only; their records may lack open, high and low.");
  }

  @Override
  public void configure(Map<String, ?> given) {
    config = new AbstractConfig(config(), given, false);
    String sources =
        config.getList(CLOSES_ONLY_SOURCES).stream().map(QuoteTransform::quoted).collect(Collectors.joining(","));
    String json = "{\"closes_only_sources\":[" + sources + "],\"reference\":" + quoted(reference()) + "}";
    try {
      records = NativeRecords.open(json);
    } catch (FinanceLakeException problem) {
      throw new ConfigException(problem.getMessage());
    }
  }

  private String reference() {
    String file = config.getString(REFERENCE);
    try {
      return file.isEmpty() ? "" : Files.readString(Path.of(file), StandardCharsets.UTF_8);
    } catch (IOException problem) {
      throw new ConfigException(REFERENCE, file, "it cannot be read on this worker: " + problem);
    }
  }

  private static String quoted(String text) {
    return io.financelake.connect.Json.quoted(text);
  }

  final AbstractConfig settings() {
    return config;
  }

  @Override
  public final R apply(R record) {
    Object value = part.value(record);
    if (value == null) {
      return record;
    }
    long received = record.timestamp() == null ? 0 : record.timestamp();
    return apply(record, records.decide(bytesOf(value), Math.multiplyExact(received, 1000L)));
  }

  /** What becomes of a record that was decided. */
  abstract R apply(R record, NativeRecords.Decision decision);

  /** The record with the market record in the form in which it came: bytes or text. */
  final R replaced(R record, byte[] json) {
    Object value =
        part.value(record) instanceof String ? new String(json, StandardCharsets.UTF_8) : json;
    return part.replaced(record, value);
  }

  private static byte[] bytesOf(Object value) {
    if (value instanceof byte[]) {
      return (byte[]) value;
    }
    if (value instanceof String) {
      return ((String) value).getBytes(StandardCharsets.UTF_8);
    }
    throw new DataException(
        "a "
            + value.getClass().getSimpleName()
            + " is not the bytes or the text of a market record; set the converter to"
            + " org.apache.kafka.connect.converters.ByteArrayConverter or"
            + " org.apache.kafka.connect.storage.StringConverter");
  }

  @Override
  public void close() {
    if (records != null) {
      records.close();
    }
  }
}
