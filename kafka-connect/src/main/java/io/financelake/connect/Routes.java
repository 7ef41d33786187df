package io.financelake.connect;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Entries of {@link SinkKeys#ROUTES}: {@code topic:<name>=<url>} and {@code class:<asset class>=<url>}. */
final class Routes {
  static final String TOPIC = "topic:";
  static final String CLASS = "class:";

  /** The form of each entry; which asset classes there are is for the native side to say. */
  static final ConfigDef.Validator FORM =
      ConfigDef.LambdaValidator.with(Routes::check, () -> "topic:<name>=<url>, class:<asset class>=<url>");

  private Routes() {}

  private static void check(String key, Object value) {
    for (Object entry : value == null ? List.of() : (List<?>) value) {
      String text = entry.toString();
      int equals = text.indexOf('=');
      if (!(text.startsWith(TOPIC) || text.startsWith(CLASS))
          || equals <= text.indexOf(':') + 1
          || equals == text.length() - 1) {
        throw new ConfigException(
            key, entry, "write topic:data_bond=<table's url> or class:bond_yield=<table's url>");
      }
    }
  }

  /** The routes as the native sink reads them. */
  static String json(List<String> entries) {
    return "{\"topics\":" + json(entries, TOPIC) + ",\"asset_classes\":" + json(entries, CLASS) + "}";
  }

  private static String json(List<String> entries, String kind) {
    List<String> fields = new ArrayList<>();
    for (String entry : entries) {
      if (entry.startsWith(kind)) {
        int equals = entry.indexOf('=');
        String name = entry.substring(kind.length(), equals);
        fields.add(Json.quoted(name) + ":" + Json.quoted(entry.substring(equals + 1)));
      }
    }
    return "{" + String.join(",", fields) + "}";
  }
}
