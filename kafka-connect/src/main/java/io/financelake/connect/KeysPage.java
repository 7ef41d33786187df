package io.financelake.connect;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;

/** Prints the page {@code docs/kafka-connect-keys.md} from {@link SinkKeys}; {@code make docs} runs it. */
final class KeysPage {
  private static final String TOP =
      "<!-- Written by `make docs` from io.financelake.connect.SinkKeys; edits are lost. -->\n"
          + "# Keys of the Kafka Connect sink\n\n"
          + "Beside them, all keys of Connect itself may be given. A misspelt key is an error that says which was\n"
          + "meant. "
          + "[kafka-connect.md](kafka-connect.md) shows how they work together.\n";

  private static final String HEADER = "| key | default | values | what it does |\n| --- | --- | --- | --- |\n";

  private KeysPage() {}

  /** Prints the page. */
  public static void main(String[] arguments) {
    StringBuilder page = new StringBuilder(TOP);
    ConfigDef definition = SinkKeys.definition();
    for (String group : definition.groups()) {
      page.append("\n## ").append(group).append("\n\n").append(HEADER);
      definition.configKeys().values().stream()
          .filter(key -> group.equals(key.group))
          .forEach(key -> page.append(row(key)));
    }
    System.out.print(page);
  }

  private static String row(ConfigDef.ConfigKey key) {
    Object fallback = key.defaultValue == null ? "" : key.defaultValue;
    String shown = fallback instanceof List || fallback.toString().isEmpty() ? "" : "`" + fallback + "`";
    String values = key.validator == null ? "" : key.validator.toString();
    return String.format("| `%s` | %s | %s | %s |%n", key.name, shown, values, key.documentation);
  }
}
