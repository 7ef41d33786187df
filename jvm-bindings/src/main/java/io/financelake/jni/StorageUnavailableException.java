package io.financelake.jni;

/** The storage failed or was too slow. The same call may be repeated later. */
public final class StorageUnavailableException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native library, which finds it by this signature. */
  StorageUnavailableException(String message, String nativeBacktrace) {
    super(ErrorKind.STORAGE_UNAVAILABLE, message, nativeBacktrace, null);
  }
}
