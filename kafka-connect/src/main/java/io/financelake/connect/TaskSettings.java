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
  final long maxAge;
  final long retryBackoff;

  /** Bytes of native memory that collected records may take. */
  final long memory;
  private final AbstractConfig config;
  private final String location;
  private final String onMalformed;

  /** The format of plain files, or null for a table. */
  private final String files;

  TaskSettings(Map<String, String> given) {
    config = new AbstractConfig(SinkKeys.definition(), given, false);
    files = FilesTarget.format(given).orElse(null);
    location = files == null ? TableLocation.of(given) : FilesTarget.base(given);
    onNull = files == null || given.containsKey(SinkKeys.ON_NULL) ? config.getString(SinkKeys.ON_NULL) : "ignore";
    onMalformed =
        files == null || given.containsKey(SinkKeys.ON_MALFORMED)
            ? config.getString(SinkKeys.ON_MALFORMED)
            : "fail";
    maxAge = maxAge(given);
    memory = config.getLong(SinkKeys.MEMORY);
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

  /** What of records the native sink needs. */
  RecordBuffer.Parts parts() {
    boolean all = files == null || config.getString(SinkKeys.METADATA).equals("all");
    return all ? RecordBuffer.Parts.ALL : RecordBuffer.Parts.JSON;
  }

  /** The configuration of the native sink. */
  String sinkJson() {
    StringBuilder json = new StringBuilder("{");
    field(json, "location", location);
    field(json, "application", config.getString(SinkKeys.APPLICATION_PREFIX));
    field(json, "compression", config.getString(SinkKeys.CODEC));
    field(json, "malformed", onMalformed);
    for (Map.Entry<String, String> optional :
        Map.of("hadoop_conf_dir", SinkKeys.HADOOP_CONF_DIR, "user", SinkKeys.HDFS_USER).entrySet()) {
      String value = config.getString(optional.getValue());
      if (!value.isEmpty()) {
        field(json, optional.getKey(), value);
      }
    }
    if (files == null) {
      json.append("\"routes\":").append(Routes.json(config.getList(SinkKeys.ROUTES))).append(',');
    } else {
      json.append("\"files\":").append(FilesTarget.json(files, config)).append(',');
    }
    json.append(
        String.format(
            "\"rotation\":{\"records\":%d,\"bytes\":%d,\"age_ms\":%d},",
            config.getInt(SinkKeys.FLUSH_SIZE),
            // Half for what is on its way, half for what comes meanwhile.
            Math.min(config.getLong(SinkKeys.FLUSH_BYTES), memory / 2),
            maxAge));
    String sources =
        config.getList(SinkKeys.CLOSES_ONLY_SOURCES).stream()
            .map(Json::quoted)
            .collect(Collectors.joining(","));
    json.append("\"records\":{\"closes_only_sources\":[").append(sources).append("],\"reference\":");
    return json.append(Json.quoted(reference())).append("}}").toString();
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
    json.append(Json.quoted(name)).append(':').append(Json.quoted(value)).append(',');
  }
}
