package io.financelake.jni;

import java.util.Objects;

/**
 * An error of the native library or of loading it. Its message says what was given, why it is wrong,
 * and what to do instead.
 */
public abstract class FinanceLakeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;
  private final String nativeBacktrace;

  FinanceLakeException(ErrorKind kind, String message, String nativeBacktrace, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
    this.nativeBacktrace = Objects.requireNonNull(nativeBacktrace);
  }

  /** The kind, one to one with the class. */
  public final ErrorKind kind() {
    return kind;
  }

  /**
   * The call stack on the native side, empty unless the process runs with the environment variable
   * {@code RUST_BACKTRACE=1}.
   */
  public final String nativeBacktrace() {
    return nativeBacktrace;
  }
}
