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
  static final String ROUTES = "delta.table.routes";
  static final String APPLICATION_PREFIX = "delta.txn.app.prefix";
  static final String STORE_URL = "store.url";
  static final String HDFS_URL = "hdfs.url";
  static final String TOPICS_DIR = "topics.dir";
  static final String LOGS_DIR = "logs.dir";
  static final String FORMAT = "format.class";
  static final String PARTITIONER = "partitioner.class";
  static final String PARTITION_FIELDS = "partition.field.name";
  static final String PARTITION_DURATION = "partition.duration.ms";
  static final String PARTITION_NULL = "partition.null.value";
  static final String PATH_FORMAT = "path.format";
  static final String TIMEZONE = "timezone";
  static final String EXTRACTOR = "timestamp.extractor";
  static final String TIMESTAMP_FIELD = "timestamp.field";
  static final String PAD_WIDTH = "filename.offset.zero.pad.width";
  static final String METADATA = "metadata.columns";
  static final String AVRO_CODEC = "avro.codec";
  static final String ROW_GROUP = "parquet.row.group.bytes";
  static final String HADOOP_CONF_DIR = "hadoop.conf.dir";
  static final String HDFS_CLIENT = "hdfs.client";
  static final String HDFS_USER = "hdfs.user";
  static final String FLUSH_SIZE = "flush.size";
  static final String FLUSH_BYTES = "flush.bytes";
  static final String MEMORY = "native.memory.max.bytes";
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

  /** The group of keys that mean nothing for a table. */
  static final String FILES = "Plain files";

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
    keys.text(TARGET, "", ValidString.in("", "delta", "parquet", "avro", "json"), Importance.HIGH,
        "What is written: a Delta table, or plain files of a format. Default: the format of format.class, else delta"
            + " when delta.table.url is given, else avro.");
    keys.text(TABLE_URL, "", null, Importance.HIGH,
        "The table's folder: hdfs://host:port/path, hdfs://nameservice/path, file:///path or an absolute path."
            + " It is made when it does not exist. Default: store.url (or hdfs.url), topics.dir and the topic.");
    keys.list(ROUTES, Routes.FORM, Importance.MEDIUM,
        "Records that go to other tables: topic:<name>=<url> for all records of a topic, class:<asset class>=<url>"
            + " for the accepted records of an asset class in any topic.");
    keys.text(APPLICATION_PREFIX, "financelake", new ConfigDef.NonEmptyString(), Importance.LOW,
        "Start of the transaction identifiers in the table, before topic and partition. Needed when topics of"
            + " one name come from two clusters. A new value reads the topics again.");
    keys.text(STORE_URL, "", null, Importance.HIGH,
        "Base of the folders of plain files, and of the default of delta.table.url; wins over hdfs.url.");
    keys.text(HDFS_URL, "", null, Importance.HIGH, "As store.url.");
    keys.text(TOPICS_DIR, "topics", new ConfigDef.NonEmptyString(), Importance.HIGH,
        "The folder between the base and the topic; ${topic} in it is the topic.");
    keys.text(CODEC, "zstd", ValidString.in("zstd", "snappy", "none"), Importance.LOW,
        "How Parquet files are compressed: zstd, snappy or none.");
    keys.group(FILES);
    keys.text(FORMAT, "", FilesTarget.FORMAT_NAME, Importance.HIGH,
        "The format by the class that Confluent's sink has for it, when delivery.target is not given: JsonFormat,"
            + " ParquetFormat or AvroFormat.");
    keys.text(LOGS_DIR, "logs", new ConfigDef.NonEmptyString(), Importance.HIGH,
        "The folder below the base of the manifests, which say what is committed; ${topic} in it is the topic."
            + " Connectors on the same topics must not share it.");
    keys.text(PARTITIONER, "DefaultPartitioner", FilesTarget.PARTITIONER_NAME, Importance.HIGH,
        "What folders are named after: DefaultPartitioner (the Kafka partition), FieldPartitioner,"
            + " TimeBasedPartitioner, DailyPartitioner, HourlyPartitioner or TimeAndFieldPartitioner.");
    keys.list(PARTITION_FIELDS, null, Importance.MEDIUM,
        "Fields that folders are named after, with dots into nested ones: region gives region=US.");
    keys.text(PARTITION_NULL, "__HIVE_DEFAULT_PARTITION__", new ConfigDef.NonEmptyString(), Importance.LOW,
        "Stands in names of folders for a value that is null, empty or absent.");
    keys.text(PATH_FORMAT, "", null, Importance.MEDIUM,
        "Folders by time, as Joda writes times: 'date'=YYYY-MM-dd. Daily and hourly partitioners have their own.");
    keys.number(PARTITION_DURATION, Type.LONG, -1L, Range.atLeast(-1), Importance.MEDIUM,
        "Folders by time are named after the start of periods of this length.");
    keys.text(TIMEZONE, "UTC", null, Importance.MEDIUM,
        "The zone of times in folders, such as America/New_York or +02:00.");
    keys.text(EXTRACTOR, "Wallclock", FilesTarget.EXTRACTOR_NAME, Importance.MEDIUM,
        "Where the time of a record comes from: Wallclock, Record (Kafka's timestamp) or RecordField.");
    keys.text(TIMESTAMP_FIELD, "timestamp", new ConfigDef.NonEmptyString(), Importance.MEDIUM,
        "The field of RecordField, with dots into nested ones: milliseconds or an ISO-8601 instant. That of market"
            + " records (Parquet and Avro) is always ts.");
    keys.number(PAD_WIDTH, Type.INT, 10, Range.between(0, 19), Importance.LOW,
        "Digits of the offsets in names of files.");
    keys.text(METADATA, "offsets", ValidString.in("none", "offsets", "all"), Importance.MEDIUM,
        "Columns of Parquet and Avro files that say where a record came from: none, topic with partition, offset and"
            + " timestamp, or all of the Bronze table.");
    keys.text(AVRO_CODEC, "null", ValidString.in("null", "deflate", "snappy", "zstandard", "bzip2"), Importance.LOW,
        "How Avro files are compressed.");
    keys.number(ROW_GROUP, Type.INT, 128 << 20, Range.atLeast(1 << 20), Importance.LOW,
        "Bytes of a row group of Parquet files.");
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
        "Records after which is committed: of a task for a Delta table, of a partition for files.");
    keys.number(FLUSH_BYTES, Type.LONG, 128L << 20, Range.between(1 << 20, 1 << 30), Importance.MEDIUM,
        "Bytes of memory of a task's collected records after which it commits.");
    keys.number(MEMORY, Type.LONG, 256L << 20, Range.atLeast(4 << 20), Importance.MEDIUM,
        "Bytes of memory, outside of the worker's heap, that a task's records may take from when they come until they"
            + " are committed. At half of it is committed early; without room for more, partitions are paused. A commit"
            + " takes up to 64 MiB more while it encodes.");
    keys.number(FLUSH_MAX_AGE, Type.LONG, 300_000L, Range.atLeast(100), Importance.HIGH,
        "Milliseconds after which a record is committed, also when no other follows.");
    keys.number(ROTATE_INTERVAL, Type.LONG, -1L, Range.atLeast(-1), Importance.LOW,
        "Files end before a record whose time is this much after that of their first one. Also taken for"
            + " flush.max.age.ms when that is not given.");
    keys.number(ROTATE_SCHEDULE_INTERVAL, Type.LONG, -1L, Range.atLeast(-1), Importance.LOW,
        "Taken for flush.max.age.ms when that is not given.");
    keys.number(RETRY_BACKOFF, Type.LONG, 5_000L, Range.atLeast(100), Importance.LOW,
        "Milliseconds before a commit is tried again after the storage failed. Records are read meanwhile, as far as"
            + " native.memory.max.bytes allows.");
    keys.group("Records");
    keys.text(ON_MALFORMED, "bronze", ValidString.in("bronze", "dlq", "ignore", "fail"), Importance.HIGH,
        "A record that is refused: bronze keeps it with the reason in region=__invalid (Delta only), dlq sends it to"
            + " the dead-letter topic and ignore nowhere, fail ends the task. Default for files: fail.");
    keys.text(ON_NULL, "write", ValidString.in("write", "dlq", "ignore", "fail"), Importance.MEDIUM,
        "A record without a value: write keeps it with the reason empty_line (Delta only), dlq sends it to the"
            + " dead-letter topic, ignore drops it, fail ends the task. Default for files: ignore.");
    keys.text(REFERENCE, "", WorkerPaths.FILE, Importance.MEDIUM,
        "The instruments reference, a CSV file on the worker: fills region and asset_class where a record lacks"
            + " them.");
    keys.list(CLOSES_ONLY_SOURCES, null, Importance.LOW,
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
    String layout = "folders and names have / and + as in Confluent's sink";
    keys.put("directory.delim", layout);
    keys.put("file.delim", layout);
    keys.put("locale", "no pattern of path.format depends on a language");
    keys.put("storage.class", "the URL says where the data are");
    String schema = "columns are those of the market record, and JSON stays as it came";
    for (String key :
        List.of("schema.compatibility", "schemas.cache.config", "schema.cache.size",
            "enhanced.avro.schema.support", "connect.meta.data", "allow.optional.map.keys")) {
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

    private void list(
        String key, ConfigDef.Validator validator, Importance importance, String doc) {
      define(key, Type.LIST, List.of(), validator, importance, doc);
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
