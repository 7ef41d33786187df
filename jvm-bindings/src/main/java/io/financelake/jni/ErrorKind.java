package io.financelake.jni;

/** What went wrong, for code that decides by kind; each kind has one exception class. */
public enum ErrorKind {
  /** An argument that cannot be: a null address, a negative length, a wrong array length. */
  INVALID_ARGUMENT,
  /** The object was closed, or lost in an earlier failure. */
  CLOSED_HANDLE,
  /** Saved state that is damaged, or that another program or version wrote. */
  INCOMPATIBLE_STATE,
  /** A thing that has a name but that this version does not do. */
  UNSUPPORTED,
  /** The native code panicked: a fault in FinanceLake. The JVM goes on. */
  NATIVE_PANIC,
  /** The JVM refused a call of the native code. */
  INTERNAL,
  /** The storage failed or was too slow. The same call may be repeated later. */
  STORAGE_UNAVAILABLE,
  /** A table or a topic cannot be used as it is: somebody has to change something first. */
  TABLE_UNUSABLE,
  /** No native library could be loaded. */
  LIBRARY_UNAVAILABLE,
  /** The native library and the jar come from different builds. */
  LIBRARY_MISMATCH
}
