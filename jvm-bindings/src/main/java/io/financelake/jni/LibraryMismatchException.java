package io.financelake.jni;

/** The native library and the jar come from different builds. The message names both. */
public final class LibraryMismatchException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  LibraryMismatchException(String message, Throwable cause) {
    super(ErrorKind.LIBRARY_MISMATCH, message, "", cause);
  }
}
