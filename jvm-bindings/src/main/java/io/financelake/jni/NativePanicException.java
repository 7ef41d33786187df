package io.financelake.jni;

/** The native code panicked: a fault in FinanceLake. The JVM goes on. */
public final class NativePanicException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  NativePanicException(String message, String nativeBacktrace) {
    super(ErrorKind.NATIVE_PANIC, message, nativeBacktrace, null);
  }
}
