package io.financelake.connect;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** A file of the worker, or nothing. */
final class ReadableFile implements ConfigDef.Validator {
  @Override
  public void ensureValid(String name, Object value) {
    String file = value == null ? "" : value.toString();
    if (!file.isEmpty() && !Files.isReadable(Path.of(file))) {
      throw new ConfigException(name, value, "it is not a file that this worker can read; write one that every worker has");
    }
  }

  @Override
  public String toString() {
    return "a file on the worker";
  }
}
