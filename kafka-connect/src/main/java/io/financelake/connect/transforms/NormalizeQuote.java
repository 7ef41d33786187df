package io.financelake.connect.transforms;

import io.financelake.jni.NativeRecords;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;

/**
 * Writes an accepted market record in its normal form: the contract's names, defaults and the reference's values
 * filled in, numbers as numbers, instants in UTC. What is refused passes as it is, for {@link ValidateQuote} or the
 * sink to decide.
 */
public abstract class NormalizeQuote<R extends ConnectRecord<R>> extends QuoteTransform<R> {
  private NormalizeQuote(Part part) {
    super(part);
  }

  @Override
  public ConfigDef config() {
    return definition();
  }

  @Override
  final R apply(R record, NativeRecords.Decision decision) {
    return decision.accepted() ? replaced(record, decision.normalized()) : record;
  }

  /** The record's key is the market record. */
  public static final class Key<R extends ConnectRecord<R>> extends NormalizeQuote<R> {
    /** For Connect. */
    public Key() {
      super(KEY);
    }
  }

  /** The record's value is the market record. */
  public static final class Value<R extends ConnectRecord<R>> extends NormalizeQuote<R> {
    /** For Connect. */
    public Value() {
      super(VALUE);
    }
  }
}
