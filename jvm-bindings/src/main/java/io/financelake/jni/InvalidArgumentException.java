package io.financelake.jni;

/** An argument that cannot be: a null address, a negative length, a wrong array length. */
public final class InvalidArgumentException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  InvalidArgumentException(String message, String nativeBacktrace) {
    super(ErrorKind.INVALID_ARGUMENT, message, nativeBacktrace, null);
  }
}
