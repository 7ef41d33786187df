package io.financelake.jni;

/** The JVM refused a call of the native code. */
public final class InternalErrorException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  InternalErrorException(String message, String nativeBacktrace) {
    super(ErrorKind.INTERNAL, message, nativeBacktrace, null);
  }
}
