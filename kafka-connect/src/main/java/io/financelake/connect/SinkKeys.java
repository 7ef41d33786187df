package io.financelake.connect;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The keys of the sink: one list for validation, documentation and the task. */
final class SinkKeys {
  static final String TARGET = "delivery.target";
  static final String TABLE_URL = "delta.table.url";
  static final String APPLICATION_PREFIX = "delta.txn.app.prefix";
  static final String STORE_URL = "store.url";
  static final String HDFS_URL = "hdfs.url";
  static final String TOPICS_DIR = "topics.dir";
  static final String HADOOP_CONF_DIR = "hadoop.conf.dir";
  static final String HDFS_CLIENT = "hdfs.client";
  static final String HDFS_USER = "hdfs.user";
  static final String FLUSH_SIZE = "flush.size";
  static final String FLUSH_BYTES = "flush.bytes";
  static final String FLUSH_MAX_AGE = "flush.max.age.ms";
  static final String ROTATE_INTERVAL = "rotate.interval.ms";
  static final String ROTATE_SCHEDULE_INTERVAL = "rotate.schedule.interval.ms";
  static final String CODEC = "parquet.codec";
  static final String ON_MALFORMED = "behavior.on.malformed";
  static final String ON_NULL = "behavior.on.null.values";
  static final String RETRY_BACKOFF = "retry.backoff.ms";
  static final String REFERENCE = "instruments.reference";
  static final String CLOSES_ONLY_SOURCES = "closes.only.sources";
  static final String UNKNOWN_KEYS = "config.unknown.keys";
  static final String KERBEROS = "hdfs.authentication.kerberos";

  /** Keys that say who the connector is to the cluster. They are obeyed or refused, never ignored. */
  static final List<String> SECURITY =
      List.of(KERBEROS, "connect.hdfs.principal", "connect.hdfs.keytab", "hdfs.namenode.principal");

  /** Keys of Confluent's HDFS sink that do nothing here, and why. */
  static final Map<String, String> IGNORED = ignored();

  /** Keys of Connect itself; those that end in a dot start a family. */
  private static final List<String> FRAMEWORK =
      List.of(
          "name",
          "connector.class",
          "connector.plugin.version",
          "tasks.max",
          "tasks.max.enforce",
          "topics",
          "topics.regex",
          "config.action.reload",
          "key.converter",
          "value.converter",
          "header.converter",
          "transforms",
          "predicates",
          "key.converter.",
          "value.converter.",
          "header.converter.",
          "transforms.",
          "predicates.",
          "errors.",
          "consumer.override.");

  private SinkKeys() {}

  static ConfigDef definition() {
    Definition keys = new Definition();
    keys.group("Table");
    keys.text(TARGET, "delta", ValidString.in("delta"), Importance.HIGH,
        "What is written. This version writes Delta tables.");
    keys.text(TABLE_URL, "", null, Importance.HIGH,
        "The table's folder: hdfs://host:port/path, hdfs://nameservice/path, file:///path or an absolute path."
            + " It is made when it does not exist. Default: store.url (or hdfs.url), topics.dir and the topic.");
    keys.text(APPLICATION_PREFIX, "financelake", new ConfigDef.NonEmptyString(), Importance.LOW,
        "Start of the transaction identifiers in the table, before topic and partition. Needed when topics of"
            + " one name come from two clusters. A new value reads the topics again.");
    keys.text(STORE_URL, "", null, Importance.HIGH,
        "Base of the default of delta.table.url; wins over hdfs.url.");
    keys.text(HDFS_URL, "", null, Importance.HIGH, "As store.url.");
    keys.text(TOPICS_DIR, "topics", new ConfigDef.NonEmptyString(), Importance.HIGH,
        "The folder between the base and the topic in the default of delta.table.url.");
    keys.text(CODEC, "zstd", ValidString.in("zstd", "snappy", "none"), Importance.LOW,
        "How data files are compressed: zstd, snappy or none.");
    keys.group("HDFS");
    keys.text(HDFS_CLIENT, "native", ValidString.in("native"), Importance.MEDIUM,
        "Who speaks to HDFS. This version has the native client.");
    keys.text(HADOOP_CONF_DIR, "", WorkerPaths.FOLDER, Importance.HIGH,
        "Folder with core-site.xml and hdfs-site.xml; needed for name services.");
    keys.text(HDFS_USER, "", null, Importance.MEDIUM,
        "The user that HDFS sees. Default: the environment variable HADOOP_USER_NAME, else the worker's user.");
    keys.flag(KERBEROS, false, Importance.HIGH,
        "Kerberos. This version cannot log in, and refuses true.");
    for (String key : SECURITY.subList(1, SECURITY.size())) {
      keys.text(key, "", null, Importance.HIGH, "Part of Kerberos; refused, as this version cannot log in.");
    }
    keys.group("Commits");
    keys.number(FLUSH_SIZE, Type.INT, 500_000, Range.atLeast(1), Importance.HIGH,
        "Records of a task after which it commits.");
    keys.number(FLUSH_BYTES, Type.LONG, 128L << 20, Range.between(1 << 20, 1 << 30), Importance.MEDIUM,
        "Bytes of memory of a task's collected records after which it commits.");
    keys.number(FLUSH_MAX_AGE, Type.LONG, 300_000L, Range.atLeast(100), Importance.HIGH,
        "Milliseconds after which a record is committed, also when no other follows.");
    keys.number(ROTATE_INTERVAL, Type.LONG, -1L, Range.atLeast(-1), Importance.LOW,
        "Taken for flush.max.age.ms when that is not given.");
    keys.number(ROTATE_SCHEDULE_INTERVAL, Type.LONG, -1L, Range.atLeast(-1), Importance.LOW,
        "As rotate.interval.ms.");
    keys.number(RETRY_BACKOFF, Type.LONG, 5_000L, Range.atLeast(100), Importance.LOW,
        "Milliseconds before a commit is tried again after the storage failed. Nothing is read meanwhile.");
    keys.group("Records");
    keys.text(ON_MALFORMED, "bronze", ValidString.in("bronze", "fail"), Importance.HIGH,
        "A record that the rules refuse: bronze keeps it with the reason in region=__invalid, fail ends the"
            + " task.");
    keys.text(ON_NULL, "write", ValidString.in("write", "ignore", "fail"), Importance.MEDIUM,
        "A record without a value: write keeps it with the reason empty_line, ignore drops it, fail ends the"
            + " task.");
    keys.text(REFERENCE, "", WorkerPaths.FILE, Importance.MEDIUM,
        "The instruments reference, a CSV file on the worker: fills region and asset_class where a record lacks"
            + " them.");
    keys.list(CLOSES_ONLY_SOURCES, Importance.LOW,
        "Sources that publish one price only; their records may lack open, high and low.");
    keys.group("Configuration");
    keys.text(UNKNOWN_KEYS, "error", ValidString.in("error", "warn", "ignore"), Importance.LOW,
        "What a key that nobody knows is: an error, a warning in the log, or nothing.");
    keys.group("Ignored");
    IGNORED.forEach((key, reason) -> keys.ignored(key, "Ignored: " + reason));
    return keys.definition;
  }

  /** Whether Connect itself reads the key. */
  static boolean isFrameworks(String key) {
    return FRAMEWORK.stream()
        .anyMatch(known -> known.endsWith(".") ? key.startsWith(known) : key.equals(known));
  }

  /** Every whole key that may be given. */
  static Stream<String> known() {
    Stream<String> framework = FRAMEWORK.stream().filter(key -> !key.endsWith("."));
    return Stream.concat(definition().names().stream(), framework);
  }

  private static Map<String, String> ignored() {
    Map<String, String> keys = new LinkedHashMap<>();
    String layout = "a Delta table has its own folders and file names";
    for (String key :
        List.of("directory.delim", "file.delim", "filename.offset.zero.pad.width", "partitioner.class",
            "partition.field.name", "partition.duration.ms", "path.format", "locale", "timezone",
            "timestamp.extractor", "timestamp.field", "topic.capture.groups.regex")) {
      keys.put(key, layout);
    }
    String log = "the table's own log takes its place";
    keys.put("logs.dir", log);
    keys.put("storage.class", "the URL says where the table is");
    String schema = "the columns are those of the Bronze table";
    for (String key :
        List.of("schema.compatibility", "schemas.cache.config", "schema.cache.size",
            "enhanced.avro.schema.support", "connect.meta.data", "allow.optional.map.keys", "avro.codec")) {
      keys.put(key, schema);
    }
    String hive = "the table is known by its path; register it with the jobs' --register";
    for (String key :
        List.of("hive.integration", "hive.metastore.uris", "hive.conf.dir", "hive.home", "hive.database",
            "hive.table.name", "shutdown.timeout.ms")) {
      keys.put(key, hive);
    }
    keys.put("hadoop.home", "no Hadoop installation is used");
    keys.put("kerberos.ticket.renew.period.ms", "there is no Kerberos login to renew");
    keys.put("format.class", "data files of a Delta table are Parquet");
    return keys;
  }

  /** Collects keys in groups, in the order in which they are declared. */
  private static final class Definition {
    private final ConfigDef definition = new ConfigDef();
    private String group;
    private int order;

    private void group(String name) {
      group = name;
      order = 0;
    }

    private void text(
        String key, String fallback, ConfigDef.Validator validator, Importance importance, String doc) {
      define(key, Type.STRING, fallback, validator, importance, doc);
    }

    private void number(
        String key, Type type, Number fallback, Range range, Importance importance, String doc) {
      define(key, type, fallback, range, importance, doc);
    }

    private void flag(String key, boolean fallback, Importance importance, String doc) {
      define(key, Type.BOOLEAN, fallback, null, importance, doc);
    }

    private void list(String key, Importance importance, String doc) {
      define(key, Type.LIST, List.of(), null, importance, doc);
    }

    private void ignored(String key, String doc) {
      define(key, Type.STRING, null, null, Importance.LOW, doc);
    }

    private void define(
        String key,
        Type type,
        Object fallback,
        ConfigDef.Validator validator,
        Importance importance,
        String doc) {
      definition.define(key, type, fallback, validator, importance, doc, group, order++, Width.LONG, key);
    }
  }
}
