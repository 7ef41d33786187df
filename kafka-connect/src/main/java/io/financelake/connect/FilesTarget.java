package io.financelake.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Plain files in place of a table, with the names that Confluent's sink has for formats and partitioners. */
final class FilesTarget {
  private static final Map<String, String> FORMATS =
      Map.of("JsonFormat", "json", "ParquetFormat", "parquet", "AvroFormat", "avro");

  /** Partitioners, and what they are to the native sink. */
  private static final Map<String, String> PARTITIONERS =
      Map.of(
          "DefaultPartitioner", "partition",
          "FieldPartitioner", "field",
          "TimeBasedPartitioner", "time",
          "DailyPartitioner", "time",
          "HourlyPartitioner", "time",
          "TimeAndFieldPartitioner", "time_and_field",
          "TimeAndField", "time_and_field");

  private static final Map<String, String> EXTRACTORS =
      Map.of("Wallclock", "wallclock", "Record", "record", "RecordField", "field");

  static final ConfigDef.Validator FORMAT_NAME = oneOf(FORMATS, true);
  static final ConfigDef.Validator PARTITIONER_NAME = oneOf(PARTITIONERS, false);
  static final ConfigDef.Validator EXTRACTOR_NAME = oneOf(EXTRACTORS, false);

  private FilesTarget() {}

  /**
   * The format of the files that a configuration asks for; none if it asks for a table. Without a word of either it is
   * that of Confluent's sink.
   */
  static Optional<String> format(Map<String, String> given) {
    String target = given.getOrDefault(SinkKeys.TARGET, "");
    if (!target.isEmpty()) {
      return target.equals("delta") ? Optional.empty() : Optional.of(target);
    }
    String format = given.getOrDefault(SinkKeys.FORMAT, "");
    if (!format.isEmpty()) {
      // A wrong one is an error of its own key.
      return Optional.of(FORMATS.getOrDefault(simple(format), "avro"));
    }
    return given.containsKey(SinkKeys.TABLE_URL) ? Optional.empty() : Optional.of("avro");
  }

  /** The base of all folders. */
  static String base(Map<String, String> given) {
    String base = given.getOrDefault(SinkKeys.STORE_URL, "").trim();
    if (base.isEmpty()) {
      base = given.getOrDefault(SinkKeys.HDFS_URL, "").trim();
    }
    if (base.isEmpty()) {
      throw new ConfigException("write where the files go, for example hdfs://namenode:9000/financelake-data");
    }
    return base;
  }

  /** The files as the native sink reads them. */
  static String json(String format, AbstractConfig config) {
    List<String> fields = new ArrayList<>();
    text(fields, "format", format);
    text(fields, "topics_dir", config.getString(SinkKeys.TOPICS_DIR));
    text(fields, "logs_dir", config.getString(SinkKeys.LOGS_DIR));
    text(fields, "metadata", config.getString(SinkKeys.METADATA));
    text(fields, "avro_codec", config.getString(SinkKeys.AVRO_CODEC));
    fields.add("\"row_group_bytes\":" + config.getInt(SinkKeys.ROW_GROUP));
    fields.add("\"pad\":" + config.getInt(SinkKeys.PAD_WIDTH));
    long interval = config.getLong(SinkKeys.ROTATE_INTERVAL);
    if (interval > 0) {
      fields.add("\"interval_ms\":" + interval);
    }
    fields.add("\"partition\":" + partition(config, format));
    return object(fields);
  }

  private static String partition(AbstractConfig config, String format) {
    String name = simple(config.getString(SinkKeys.PARTITIONER));
    String pattern = config.getString(SinkKeys.PATH_FORMAT);
    long duration = config.getLong(SinkKeys.PARTITION_DURATION);
    if (name.equals("DailyPartitioner") || name.equals("HourlyPartitioner")) {
      boolean hourly = name.startsWith("Hourly");
      pattern = "'year'=YYYY/'month'=MM/'day'=dd" + (hourly ? "/'hour'=HH" : "");
      duration = hourly ? 3_600_000 : 86_400_000;
    }
    List<String> fields = new ArrayList<>();
    text(fields, "by", PARTITIONERS.get(name));
    text(fields, "path_format", pattern);
    text(fields, "timezone", config.getString(SinkKeys.TIMEZONE));
    text(fields, "null_value", config.getString(SinkKeys.PARTITION_NULL));
    fields.add("\"duration_ms\":" + Math.max(0, duration));
    List<String> names = new ArrayList<>();
    config.getList(SinkKeys.PARTITION_FIELDS).forEach(field -> names.add(Json.quoted(field)));
    fields.add("\"fields\":[" + String.join(",", names) + "]");
    String extractor = EXTRACTORS.get(extractor(config.getString(SinkKeys.EXTRACTOR)));
    String field = format.equals("json") ? config.getString(SinkKeys.TIMESTAMP_FIELD) : "ts";
    boolean byField = extractor.equals("field");
    fields.add("\"time\":" + (byField ? "{\"field\":" + Json.quoted(field) + "}" : Json.quoted(extractor)));
    return object(fields);
  }

  private static void text(List<String> fields, String name, String value) {
    fields.add(Json.quoted(name) + ":" + Json.quoted(value));
  }

  private static String object(List<String> fields) {
    return "{" + String.join(",", fields) + "}";
  }

  /** The last part of a class's name. */
  private static String simple(String name) {
    return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
  }

  private static String extractor(String name) {
    return simple(name).replaceFirst("TimestampExtractor$", "");
  }

  private static ConfigDef.Validator oneOf(Map<String, String> names, boolean mayBeEmpty) {
    List<String> sorted = names.keySet().stream().sorted().toList();
    return ConfigDef.LambdaValidator.with(
        (key, value) -> {
          String given = value == null ? "" : value.toString();
          boolean known = names.containsKey(simple(given)) || names.containsKey(extractor(given));
          if (!(known || mayBeEmpty && given.isEmpty())) {
            String hint =
                Spelling.nearest(simple(given), sorted.stream())
                    .map(near -> "did you mean " + near + "? There are ")
                    .orElse("there are ");
            throw new ConfigException(key, value, "this sink has no such class; " + hint + String.join(", ", sorted));
          }
        },
        () -> String.join(", ", sorted));
  }
}
