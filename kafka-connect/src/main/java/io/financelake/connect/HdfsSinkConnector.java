package io.financelake.connect;

import io.financelake.jni.FinanceLakeException;
import io.financelake.jni.NativeSink;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;

/** Writes Kafka records into a Bronze table on HDFS or a local disk, each exactly once. */
public final class HdfsSinkConnector extends SinkConnector {
  private Map<String, String> properties = Map.of();

  @Override
  public String version() {
    return Version.get();
  }

  @Override
  public ConfigDef config() {
    return SinkKeys.definition();
  }

  /** All errors at once, those that concern several keys and misspelt ones included. */
  @Override
  public Config validate(Map<String, String> given) {
    return Validation.of(super.validate(given), given);
  }

  @Override
  public void start(Map<String, String> given) {
    Validation.requireValid(given);
    properties = Map.copyOf(given);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return HdfsSinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return Collections.nCopies(maxTasks, properties);
  }

  @Override
  public void stop() {
    properties = Map.of();
  }

  /**
   * Moves partitions forward in the table or the manifests, where they count. Going back is refused: what is there would
   * be there twice.
   */
  @Override
  public boolean alterOffsets(Map<String, String> config, Map<TopicPartition, Long> offsets) {
    if (offsets.containsValue(null)) {
      throw new ConnectException(
          "offsets cannot be removed: the records are there already and would be there twice. To read topics again from"
              + " their start, write them to another table or folder, or give "
              + SinkKeys.APPLICATION_PREFIX
              + " a new value, which adds every record to the table a second time");
    }
    try (NativeSink sink = NativeSink.open(new TaskSettings(config).sinkJson())) {
      offsets.forEach(
          (name, offset) -> {
            if (!sink.advance(name.topic(), name.partition(), offset)) {
              throw new ConnectException(name + " is being written by a task; stop the connector first");
            }
          });
    } catch (FinanceLakeException problem) {
      throw new ConnectException(problem.getMessage(), problem);
    }
    return true;
  }
}
