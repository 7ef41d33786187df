package io.financelake.jni;

/** The object was closed, or lost in an earlier failure. */
public final class ClosedHandleException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  ClosedHandleException(String message, String nativeBacktrace) {
    super(ErrorKind.CLOSED_HANDLE, message, nativeBacktrace, null);
  }
}
