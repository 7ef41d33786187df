package io.financelake.jni;

/** Native entry points that fail on purpose. They exist in development builds of the library only. */
public final class FaultInjection {
  private FaultInjection() {}

  /** The native error table: one line {@code Kind=ExceptionClass} per kind. */
  public static native String kinds();

  /** Fails with an error of that kind. */
  public static native void raise(String kind, String message);

  /** Panics with the message, formatted. */
  public static native void panic(String message);

  /** Opens a handle to a counter of calls. */
  public static native long open();

  /** Stays in a call on the handle for that long; returns how many calls there were. */
  public static native int hold(long handle, int millis);

  /** Panics during a call on the handle. */
  public static native void panicInside(long handle);
}
