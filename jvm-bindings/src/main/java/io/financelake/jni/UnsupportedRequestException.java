package io.financelake.jni;

/** A thing that has a name but that this version does not do. */
public final class UnsupportedRequestException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  UnsupportedRequestException(String message, String nativeBacktrace) {
    super(ErrorKind.UNSUPPORTED, message, nativeBacktrace, null);
  }
}
