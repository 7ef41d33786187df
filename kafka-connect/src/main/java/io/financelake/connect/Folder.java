package io.financelake.connect;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** A folder of the worker, or nothing. */
final class Folder implements ConfigDef.Validator {
  @Override
  public void ensureValid(String name, Object value) {
    String folder = value == null ? "" : value.toString();
    if (!folder.isEmpty() && !Files.isDirectory(Path.of(folder))) {
      throw new ConfigException(name, value, "it is not a folder on this worker; write one that every worker has");
    }
  }

  @Override
  public String toString() {
    return "a folder on the worker";
  }
}
