package io.financelake.jni;

import java.util.Properties;

/** The native library of this class loader: loads it once and says what it is. */
public final class NativeLibrary {
  private static Properties loaded;
  private static String origin;
  private static FinanceLakeException failure;

  private NativeLibrary() {}

  /**
   * Loads the library if that has not happened yet.
   *
   * @throws LibraryUnavailableException if there is none for this platform or it cannot be mapped
   * @throws LibraryMismatchException if it comes from another build than the jar. Once loading failed,
   *     every call throws again, with the first failure as its cause
   */
  public static synchronized void load() {
    if (loaded != null) {
      return;
    }
    if (failure != null) {
      throw failure instanceof LibraryMismatchException
          ? new LibraryMismatchException(failure.getMessage(), failure)
          : new LibraryUnavailableException(failure.getMessage(), failure);
    }
    try {
      loaded = loadAndCompare();
    } catch (FinanceLakeException refused) {
      failure = refused;
      throw refused;
    } catch (RuntimeException | LinkageError unexpected) {
      failure = new LibraryUnavailableException("loading failed: " + unexpected, unexpected);
      throw failure;
    }
  }

  /**
   * Who the library is, as a JSON object with the string members {@code version}, {@code build}, {@code
   * abi}, {@code cpu} (feature level that kernels are chosen by) and {@code origin} (where it was found).
   */
  public static String info() {
    load();
    StringBuilder json = new StringBuilder("{");
    for (String key : new String[] {"version", "build", "abi", "cpu"}) {
      member(json, key, loaded.getProperty(key, "unknown")).append(',');
    }
    return member(json, "origin", origin).append('}').toString();
  }

  /** How many native objects of this library exist; 0 when everything was closed. */
  public static long liveHandles() {
    load();
    return countHandles();
  }

  private static Properties loadAndCompare() {
    Properties jar = LibraryIdentity.ofJar();
    origin = LibraryLoader.load(jar.getProperty("platforms", ""));
    Properties library;
    try {
      library = LibraryIdentity.parse(describe());
    } catch (UnsatisfiedLinkError foreign) {
      throw new LibraryMismatchException(
          "the library from " + origin + " is not FinanceLake's: it does not describe itself", foreign);
    }
    LibraryIdentity.of(jar).requireSame(LibraryIdentity.of(library), origin);
    return library;
  }

  private static StringBuilder member(StringBuilder json, String key, String value) {
    String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"");
    return json.append('"').append(key).append("\":\"").append(escaped).append('"');
  }

  private static native String describe();

  private static native long countHandles();
}
