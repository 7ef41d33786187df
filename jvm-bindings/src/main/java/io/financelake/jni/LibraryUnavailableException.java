package io.financelake.jni;

/** No native library could be loaded. The message names every place tried; the cause is the first failure. */
public final class LibraryUnavailableException extends FinanceLakeException {
  private static final long serialVersionUID = 1L;

  LibraryUnavailableException(String message, Throwable cause) {
    super(ErrorKind.LIBRARY_UNAVAILABLE, message, "", cause);
  }
}
