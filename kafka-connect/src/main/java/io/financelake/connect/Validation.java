package io.financelake.connect;

import io.financelake.jni.InvalidArgumentException;
import io.financelake.jni.NativeSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the definition of single keys cannot say: rules over several keys, misspelt and refused ones. */
final class Validation {
  private static final Logger LOG = LoggerFactory.getLogger(Validation.class);

  /** In answers, where a record of now would go; not a key. */
  private static final String SAMPLE_PATH = "sample.path";

  /** Converters that hand over what the topic holds. */
  private static final Set<String> EXACT_CONVERTERS =
      Set.of(SinkTexts.BYTE_ARRAY_CONVERTER, "org.apache.kafka.connect.storage.StringConverter");

  private final Map<String, String> given;
  private final Map<String, ConfigValue> values = new LinkedHashMap<>();

  private Validation(Config config, Map<String, String> given) {
    this.given = given;
    config.configValues().forEach(value -> values.put(value.name(), value));
  }

  /** Adds the errors that concern several keys. */
  static Config of(Config config, Map<String, String> given) {
    Validation validation = new Validation(config, given);
    validation.checkTarget();
    validation.checkSecurity();
    validation.checkConverters();
    validation.checkDeadLetters();
    validation.checkKnown();
    validation.preview();
    return new Config(new ArrayList<>(validation.values.values()));
  }

  /** Throws all errors in one message, and logs what is ignored. */
  static void requireValid(Map<String, String> given) {
    Config config = of(new Config(SinkKeys.definition().validate(given)), given);
    List<String> errors =
        config.configValues().stream()
            .flatMap(value -> value.errorMessages().stream())
            .collect(Collectors.toList());
    if (!errors.isEmpty()) {
      throw new ConfigException(String.join("\n", errors));
    }
    SinkKeys.IGNORED.forEach(
        (key, reason) -> {
          if (given.containsKey(key)) {
            LOG.warn("{} is ignored: {}", key, reason);
          }
        });
    if (FilesTarget.format(given).isEmpty()) {
      SinkKeys.definition().configKeys().values().stream()
          .filter(key -> SinkKeys.FILES.equals(key.group) && given.containsKey(key.name))
          .forEach(key -> LOG.warn("{} is ignored: a Delta table has its own folders and files", key.name));
    }
  }

  private void checkTarget() {
    if (FilesTarget.format(given).isPresent()) {
      checkFiles();
      return;
    }
    try {
      TableLocation.of(given);
    } catch (ConfigException problem) {
      error(SinkKeys.TABLE_URL, given.get(SinkKeys.TABLE_URL), problem.getMessage());
    }
  }

  private void checkFiles() {
    try {
      FilesTarget.base(given);
    } catch (ConfigException problem) {
      error(SinkKeys.STORE_URL, null, problem.getMessage());
    }
    for (String key : List.of(SinkKeys.TABLE_URL, SinkKeys.ROUTES)) {
      if (!given.getOrDefault(key, "").isBlank()) {
        error(key, given.get(key), "files are below store.url; leave it out, or write delivery.target=delta");
      }
    }
    if ("bronze".equals(given.get(SinkKeys.ON_MALFORMED))) {
      error(SinkKeys.ON_MALFORMED, "bronze", "files have no place for refused records; write dlq, ignore or fail");
    }
    if ("write".equals(given.get(SinkKeys.ON_NULL))) {
      error(SinkKeys.ON_NULL, "write", "files have no rows without a value; write dlq, ignore or fail");
    }
    if (given.containsKey("topic.capture.groups.regex")) {
      error(
          "topic.capture.groups.regex",
          given.get("topic.capture.groups.regex"),
          "groups of a topic's name are not supported in folders; write ${topic} there, or one connector per topic");
    }
    for (String key : List.of(SinkKeys.TOPICS_DIR, SinkKeys.LOGS_DIR)) {
      String folder = given.getOrDefault(key, "");
      if (folder.replace("${topic}", "").contains("${")) {
        error(key, folder, "only ${topic} can stand in it");
      }
    }
  }

  /**
   * What only the native sink knows: patterns, zones, fields, asset classes. It says where a record of now would go,
   * which is shown as one more value.
   */
  private void preview() {
    if (!values.values().stream().allMatch(value -> value.errorMessages().isEmpty())) {
      return;
    }
    try {
      ConfigValue sample = new ConfigValue(SAMPLE_PATH);
      sample.value(NativeSink.samplePath(new TaskSettings(given).sinkJson()));
      values.put(SAMPLE_PATH, sample);
    } catch (InvalidArgumentException problem) {
      String message = problem.getMessage();
      List<String> keys =
          List.of(
              SinkKeys.PATH_FORMAT,
              SinkKeys.TIMEZONE,
              SinkKeys.PARTITION_FIELDS,
              SinkKeys.TIMESTAMP_FIELD);
      String target = FilesTarget.format(given).isPresent() ? SinkKeys.PARTITIONER : SinkKeys.ROUTES;
      String key = keys.stream().filter(message::contains).findFirst().orElse(target);
      error(key, given.get(key), message);
    }
  }

  private void checkSecurity() {
    for (String key : SinkKeys.SECURITY) {
      String value = given.getOrDefault(key, "");
      if (!value.isBlank() && !value.equalsIgnoreCase("false")) {
        error(key, value, "this version cannot log in with Kerberos; use a cluster without it");
      }
    }
    String folder = given.getOrDefault(SinkKeys.HADOOP_CONF_DIR, "");
    if (folder.isEmpty()) {
      // What the native client reads then.
      folder = System.getenv().getOrDefault("HADOOP_CONF_DIR", "");
    }
    if ("kerberos".equals(hadoopProperty(Path.of(folder, "core-site.xml"), "hadoop.security.authentication"))) {
      error(
          SinkKeys.HADOOP_CONF_DIR,
          folder,
          "its core-site.xml asks for Kerberos; this version cannot log in, use a cluster without it");
    }
  }

  /** A property of a Hadoop file, or null where the file or the property is not there. */
  private static String hadoopProperty(Path file, String wanted) {
    if (!Files.isReadable(file)) {
      return null;
    }
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      NodeList found = factory.newDocumentBuilder().parse(file.toFile()).getElementsByTagName("property");
      for (int i = 0; i < found.getLength(); i++) {
        Element property = (Element) found.item(i);
        NodeList name = property.getElementsByTagName("name");
        NodeList value = property.getElementsByTagName("value");
        if (name.getLength() > 0
            && value.getLength() > 0
            && name.item(0).getTextContent().trim().equals(wanted)) {
          return value.item(0).getTextContent().trim();
        }
      }
      return null;
    } catch (Exception unreadable) {
      // The native client reads the file again and says what is wrong with it.
      return null;
    }
  }

  private void checkConverters() {
    if (FilesTarget.format(given).isPresent() && !"all".equals(given.get(SinkKeys.METADATA))) {
      return;
    }
    for (String key : List.of("key.converter", "value.converter", "header.converter")) {
      String converter = given.get(key);
      if (converter != null && !EXACT_CONVERTERS.contains(converter)) {
        error(key, converter, "it changes what was received; write " + SinkTexts.BYTE_ARRAY_CONVERTER);
      }
    }
  }

  /** Connect reports to the topic that it is given, and ends the task at the first report otherwise. */
  private void checkDeadLetters() {
    for (String key : List.of(SinkKeys.ON_MALFORMED, SinkKeys.ON_NULL)) {
      boolean topic = !given.getOrDefault("errors.deadletterqueue.topic.name", "").isBlank();
      boolean tolerant = given.getOrDefault("errors.tolerance", "none").equals("all");
      if ("dlq".equals(given.get(key)) && !(topic && tolerant)) {
        error(
            key,
            "dlq",
            "there is no dead-letter topic; write errors.tolerance=all and errors.deadletterqueue.topic.name");
      }
    }
  }

  private void checkKnown() {
    String answer = given.getOrDefault(SinkKeys.UNKNOWN_KEYS, "error");
    for (Map.Entry<String, String> entry : given.entrySet()) {
      String key = entry.getKey();
      if (values.containsKey(key) || SinkKeys.isFrameworks(key)) {
        continue;
      }
      String hint =
          Spelling.nearest(key, SinkKeys.known())
              .map(known -> "did you mean " + known + "?")
              .orElse("leave it out, or write " + SinkKeys.UNKNOWN_KEYS + "=warn");
      if (answer.equals("warn")) {
        LOG.warn("there is no key {}; {}", key, hint);
      } else if (!answer.equals("ignore")) {
        error(key, entry.getValue(), "there is no such key; " + hint);
      }
    }
  }

  private void error(String key, String value, String problem) {
    ConfigValue target = values.computeIfAbsent(key, ConfigValue::new);
    target.value(value);
    target.addErrorMessage(
        value == null
            ? key + ": " + problem
            : "Invalid value " + value + " for configuration " + key + ": " + problem);
  }
}
