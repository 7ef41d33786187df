package io.financelake.jni;

/** Saved state that is damaged, or that another program or version wrote. */
public final class IncompatibleStateException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  IncompatibleStateException(String message, String nativeBacktrace) {
    super(ErrorKind.INCOMPATIBLE_STATE, message, nativeBacktrace, null);
  }
}
