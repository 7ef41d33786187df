package io.financelake.jni;

/** A table or a topic cannot be used as it is; the message says what to change. */
public final class TableUnusableException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  TableUnusableException(String message, String nativeBacktrace) {
    super(ErrorKind.TABLE_UNUSABLE, message, nativeBacktrace, null);
  }
}
