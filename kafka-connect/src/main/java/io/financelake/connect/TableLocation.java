package io.financelake.connect;

import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** Where the table is: given, or made up of base, folder and topic as Confluent's sink does it. */
final class TableLocation {
  private TableLocation() {}

  /**
   * @throws ConfigException with a message that says what to write
   */
  static String of(Map<String, String> given) {
    String url = given.getOrDefault(SinkKeys.TABLE_URL, "").trim();
    if (!url.isEmpty()) {
      return url;
    }
    String base = given.getOrDefault(SinkKeys.STORE_URL, "").trim();
    if (base.isEmpty()) {
      base = given.getOrDefault(SinkKeys.HDFS_URL, "").trim();
    }
    if (base.isEmpty()) {
      throw new ConfigException("write where the table is, for example hdfs://namenode:9000/lake/bronze/stock_data");
    }
    String topics = given.getOrDefault("topics", "").trim();
    if (topics.isEmpty() || topics.contains(",")) {
      throw new ConfigException("several topics go into one table, so write its whole URL");
    }
    String folder = given.getOrDefault(SinkKeys.TOPICS_DIR, "topics").trim();
    if (folder.contains("${")) {
      throw new ConfigException(SinkKeys.TOPICS_DIR + " with ${} is not supported; write delta.table.url");
    }
    return String.join("/", base.replaceAll("/+$", ""), folder.replaceAll("^/+|/+$", ""), topics);
  }
}
