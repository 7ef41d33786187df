package io.financelake.connect;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** A text that says something. */
final class NotBlank implements ConfigDef.Validator {
  @Override
  public void ensureValid(String name, Object value) {
    if (value == null || value.toString().isBlank()) {
      throw new ConfigException(name, value, "it is empty; leave the key out for its default");
    }
  }

  @Override
  public String toString() {
    return "not empty";
  }
}
