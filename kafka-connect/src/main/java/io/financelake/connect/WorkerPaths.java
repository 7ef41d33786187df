package io.financelake.connect;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Checks of keys that name something on the worker's disk, or are left empty. */
final class WorkerPaths {
  static final ConfigDef.Validator FOLDER = validator("a folder", Files::isDirectory);
  static final ConfigDef.Validator FILE = validator("a readable file", Files::isReadable);

  private WorkerPaths() {}

  private static ConfigDef.Validator validator(String what, Predicate<Path> is) {
    return ConfigDef.LambdaValidator.with(
        (name, value) -> {
          String path = value == null ? "" : value.toString();
          if (!path.isEmpty() && !is.test(Path.of(path))) {
            String problem = "it is not " + what + " on this worker; write one that every worker has";
            throw new ConfigException(name, value, problem);
          }
        },
        () -> what + " on the worker");
  }
}
