package io.financelake.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTaskContext;

/** Records that are left out, on their way to the dead-letter topic. */
final class DeadLetters {
  private final SinkTaskContext context;
  private final List<Future<Void>> reports = new ArrayList<>();

  DeadLetters(SinkTaskContext context) {
    this.context = context;
  }

  /** Sends a record on its way, with what is wrong with it. */
  void report(SinkRecord record, String problem) {
    ErrantRecordReporter reporter = context.errantRecordReporter();
    if (reporter == null) {
      throw new ConnectException(
          "there is no dead-letter topic to report to; write errors.tolerance=all and"
              + " errors.deadletterqueue.topic.name");
    }
    reports.add(reporter.report(record, new DataException(problem)));
  }

  /** Whether all that was reported is in the topic. */
  boolean areDelivered() {
    boolean delivered = reports.stream().allMatch(Future::isDone);
    if (delivered) {
      await();
    }
    return delivered;
  }

  /** Waits until all that was reported is in the topic. */
  void await() {
    try {
      for (Future<Void> report : reports) {
        report.get();
      }
    } catch (ExecutionException problem) {
      throw new ConnectException("the dead-letter topic: " + problem.getCause().getMessage(), problem.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new ConnectException("stopped while it waited for the dead-letter topic", stopped);
    }
    reports.clear();
  }
}
