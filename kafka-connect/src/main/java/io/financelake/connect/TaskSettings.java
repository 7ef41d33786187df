package io.financelake.connect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.connect.errors.ConnectException;

/** The configuration of a task, with defaults filled in. */
final class TaskSettings {
  final String onNull;
  final long flushSize;
  final long flushBytes;
  final long maxAge;
  final long retryBackoff;
  private final AbstractConfig config;
  private final String location;

  TaskSettings(Map<String, String> given) {
    config = new AbstractConfig(SinkKeys.definition(), given, false);
    location = TableLocation.of(given);
    onNull = config.getString(SinkKeys.ON_NULL);
    flushSize = config.getInt(SinkKeys.FLUSH_SIZE);
    flushBytes = config.getLong(SinkKeys.FLUSH_BYTES);
    maxAge = maxAge(given);
    retryBackoff = config.getLong(SinkKeys.RETRY_BACKOFF);
  }

  private long maxAge(Map<String, String> given) {
    if (!given.containsKey(SinkKeys.FLUSH_MAX_AGE)) {
      for (String key : List.of(SinkKeys.ROTATE_INTERVAL, SinkKeys.ROTATE_SCHEDULE_INTERVAL)) {
        if (config.getLong(key) > 0) {
          return config.getLong(key);
        }
      }
    }
    return config.getLong(SinkKeys.FLUSH_MAX_AGE);
  }

  /** The configuration of the native sink. */
  String sinkJson() {
    StringBuilder json = new StringBuilder("{");
    field(json, "location", location);
    field(json, "application", config.getString(SinkKeys.APPLICATION_PREFIX));
    field(json, "compression", config.getString(SinkKeys.CODEC));
    field(json, "malformed", config.getString(SinkKeys.ON_MALFORMED));
    for (Map.Entry<String, String> optional :
        Map.of("hadoop_conf_dir", SinkKeys.HADOOP_CONF_DIR, "user", SinkKeys.HDFS_USER).entrySet()) {
      String value = config.getString(optional.getValue());
      if (!value.isEmpty()) {
        field(json, optional.getKey(), value);
      }
    }
    String sources =
        config.getList(SinkKeys.CLOSES_ONLY_SOURCES).stream()
            .map(TaskSettings::quoted)
            .collect(Collectors.joining(","));
    json.append("\"records\":{\"closes_only_sources\":[").append(sources).append("],\"reference\":");
    return json.append(quoted(reference())).append("}}").toString();
  }

  private String reference() {
    String file = config.getString(SinkKeys.REFERENCE);
    try {
      return file.isEmpty() ? "" : Files.readString(Path.of(file), StandardCharsets.UTF_8);
    } catch (IOException problem) {
      throw new ConnectException(SinkKeys.REFERENCE + "=" + file + " cannot be read: " + problem, problem);
    }
  }

  private static void field(StringBuilder json, String name, String value) {
    json.append(quoted(name)).append(':').append(quoted(value)).append(',');
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            letter -> {
              if (letter == '"' || letter == '\\') {
                quoted.append('\\').append((char) letter);
              } else if (letter < ' ') {
                quoted.append(String.format("\\u%04x", letter));
              } else {
                quoted.append((char) letter);
              }
            });
    return quoted.append('"').toString();
  }
}
