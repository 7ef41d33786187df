package io.financelake.bench;

import java.util.Collection;
import java.util.Map;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/** A sink that drops everything: what remains is the cost of Kafka Connect. */
public final class NoopSink extends BenchSink {
  /** Creates it. */
  public NoopSink() {
    super(Task.class);
  }

  /** Its task. */
  public static final class Task extends SinkTask {
    @Override
    public String version() {
      return VERSION;
    }

    @Override
    public void start(Map<String, String> properties) {}

    @Override
    public void put(Collection<SinkRecord> records) {}

    @Override
    public void stop() {}
  }
}
