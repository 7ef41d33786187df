package io.financelake.connect;

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
    validation.checkTable();
    validation.checkSecurity();
    validation.checkConverters();
    validation.checkKnown();
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
  }

  private void checkTable() {
    if (given.containsKey("format.class") && !given.containsKey(SinkKeys.TARGET)) {
      error(
          SinkKeys.TARGET,
          null,
          "format.class asks for plain files, which this version does not write; write delivery.target=delta");
    }
    try {
      TableLocation.of(given);
    } catch (ConfigException problem) {
      error(SinkKeys.TABLE_URL, given.get(SinkKeys.TABLE_URL), problem.getMessage());
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
    for (String key : List.of("key.converter", "value.converter", "header.converter")) {
      String converter = given.get(key);
      if (converter != null && !EXACT_CONVERTERS.contains(converter)) {
        error(key, converter, "it changes what was received; write " + SinkTexts.BYTE_ARRAY_CONVERTER);
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
