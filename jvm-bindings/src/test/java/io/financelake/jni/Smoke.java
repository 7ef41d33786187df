package io.financelake.jni;

/** A program that loads the library, fails in it and goes on; run by the tests in a JVM of its own. */
public final class Smoke {
  private Smoke() {}

  /** Prints the Java version, the library's version, and what a panic became. */
  public static void main(String[] arguments) {
    System.out.println("java " + Runtime.version().feature());
    System.out.println(NativeLibrary.info());
    try {
      FaultInjection.panic("on purpose");
    } catch (NativePanicException panic) {
      System.out.println(panic.getMessage());
      System.out.println("backtrace " + !panic.nativeBacktrace().isEmpty());
    }
    System.out.println("live " + NativeLibrary.liveHandles());
  }
}
