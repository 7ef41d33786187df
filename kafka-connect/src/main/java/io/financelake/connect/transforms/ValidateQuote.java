package io.financelake.connect.transforms;

import io.financelake.jni.NativeRecords;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.errors.DataException;

/**
 * Lets accepted market records pass as they are. Those that the rules refuse, and blank ones, are an error that Connect
 * handles as {@code errors.tolerance} and the dead-letter topic say, are dropped, or pass with the reason in headers.
 */
public abstract class ValidateQuote<R extends ConnectRecord<R>> extends QuoteTransform<R> {
  static final String ON_REFUSED = "on.refused";

  /** Headers of a refused record that passes. */
  static final String REASON = "financelake.reason";

  static final String DETAIL = "financelake.detail";

  private String onRefused;

  private ValidateQuote(Part part) {
    super(part);
  }

  @Override
  public ConfigDef config() {
    return definition()
        .define(
            ON_REFUSED,
            ConfigDef.Type.STRING,
            "fail",
            ConfigDef.ValidString.in("fail", "drop", "header"),
            ConfigDef.Importance.HIGH,
            "A record that the rules refuse: fail is an error for errors.tolerance to handle, drop leaves it out, header"
                + " lets it pass with the headers " + REASON + " and " + DETAIL + ".");
  }

  @Override
  public void configure(Map<String, ?> given) {
    super.configure(given);
    onRefused = settings().getString(ON_REFUSED);
  }

  @Override
  final R apply(R record, NativeRecords.Decision decision) {
    if (decision.accepted()) {
      return record;
    }
    switch (onRefused) {
      case "drop":
        return null;
      case "header":
        R passed =
            record.newRecord(
                record.topic(),
                record.kafkaPartition(),
                record.keySchema(),
                record.key(),
                record.valueSchema(),
                record.value(),
                record.timestamp(),
                record.headers().duplicate());
        passed.headers().addString(REASON, decision.reason()).addString(DETAIL, decision.detail());
        return passed;
      default:
        throw new DataException(decision.reason() + ": " + decision.detail());
    }
  }

  /** The record's key is the market record. */
  public static final class Key<R extends ConnectRecord<R>> extends ValidateQuote<R> {
    /** For Connect. */
    public Key() {
      super(KEY);
    }
  }

  /** The record's value is the market record. */
  public static final class Value<R extends ConnectRecord<R>> extends ValidateQuote<R> {
    /** For Connect. */
    public Value() {
      super(VALUE);
    }
  }
}
