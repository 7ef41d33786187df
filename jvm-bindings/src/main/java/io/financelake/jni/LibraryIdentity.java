package io.financelake.jni;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What identifies a build: the version of the native interface, FinanceLake's version, and the digest
 * of the native sources. The jar and the library must agree in all three.
 */
record LibraryIdentity(String abi, String version, String build) {

  /** The jar's own identity, which the build wrote beside the library. */
  static final String RESOURCE = "/io/financelake/native/identity.properties";

  static LibraryIdentity of(Properties properties) {
    return new LibraryIdentity(
        properties.getProperty("abi", "unknown"),
        properties.getProperty("version", "unknown"),
        properties.getProperty("build", "unknown"));
  }

  static Properties parse(String text) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return properties;
  }

  /** What the jar holds, also the platforms that it has a library for. */
  static Properties ofJar() {
    Properties properties = new Properties();
    try (InputStream in = LibraryIdentity.class.getResourceAsStream(RESOURCE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException unreadable) {
      throw new LibraryUnavailableException(
          "cannot read " + RESOURCE + " from the jar: " + unreadable.getMessage(), unreadable);
    }
    return properties;
  }

  /** Refuses a library of another build. */
  void requireSame(LibraryIdentity library, String origin) {
    if (!equals(library)) {
      throw new LibraryMismatchException(
          "the native library from "
              + origin
              + " does not belong to this jar: the jar has "
              + this
              + ", the library has "
              + library
              + "; use the library inside the jar (unset -D"
              + LibraryLoader.PATH_PROPERTY
              + " and take it off java.library.path), or take both from one build",
          null);
    }
  }

  @Override
  public String toString() {
    return "ABI " + abi + ", version " + version + ", build " + build;
  }
}
