package io.financelake.jni;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Finds the native library and maps it into the process.
 *
 * <p>Places, in this order: the file named by {@code -Dfinancelake.native.path}; the folders of {@code
 * java.library.path}; the copy inside the jar for this platform. A JVM maps one file for one class
 * loader only, so what is found is always copied to a file of its own first.
 */
final class LibraryLoader {
  static final String PATH_PROPERTY = "financelake.native.path";
  static final String FOLDER_PROPERTY = "financelake.native.dir";

  private static final String NAME = "financelake_jni";

  private LibraryLoader() {}

  /** A place to look at, and how to read the library there. */
  private interface Content {
    InputStream open() throws IOException;
  }

  /** Loads the first library found and returns where it was. */
  static String load(String bundledPlatforms) {
    String file = System.mapLibraryName(NAME);
    String explicit = System.getProperty(PATH_PROPERTY, "");
    if (!explicit.isEmpty()) {
      Path path = Path.of(explicit);
      if (!Files.isRegularFile(path)) {
        throw new LibraryUnavailableException(
            "-D" + PATH_PROPERTY + " names '" + path + "', which is not a file", null);
      }
      return map(path.toString(), file, () -> Files.newInputStream(path));
    }
    List<String> tried = new ArrayList<>();
    for (String folder : System.getProperty("java.library.path", "").split(File.pathSeparator)) {
      if (!folder.isEmpty()) {
        Path path = Path.of(folder, file);
        if (Files.isRegularFile(path)) {
          return map(path.toString(), file, () -> Files.newInputStream(path));
        }
        tried.add(folder);
      }
    }
    String resource = "/io/financelake/native/" + platform() + "/" + file;
    if (LibraryLoader.class.getResource(resource) == null) {
      throw new LibraryUnavailableException(
          "there is no native library for this platform, "
              + platform()
              + ": the jar has libraries for "
              + (bundledPlatforms.isEmpty() ? "no platform" : bundledPlatforms)
              + "; -D"
              + PATH_PROPERTY
              + " is not set, and java.library.path ("
              + String.join(File.pathSeparator, tried)
              + ") has no "
              + file,
          null);
    }
    return map("the jar", file, () -> LibraryLoader.class.getResourceAsStream(resource));
  }

  /** The platform as the build spells it, for example {@code linux-x86_64}. */
  static String platform() {
    String os = System.getProperty("os.name", "unknown").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "unknown").toLowerCase(Locale.ROOT);
    if (os.startsWith("mac")) {
      os = "macos";
    } else if (os.startsWith("windows")) {
      os = "windows";
    }
    if (arch.equals("amd64")) {
      arch = "x86_64";
    } else if (arch.equals("arm64")) {
      arch = "aarch64";
    }
    return os.replace(' ', '_') + "-" + arch;
  }

  private static String map(String origin, String file, Content content) {
    Path folder = Path.of(folder());
    Path own = null;
    try {
      own = Files.createTempFile(folder, "financelake-", "-" + file);
      try (InputStream in = content.open()) {
        Files.copy(in, own, StandardCopyOption.REPLACE_EXISTING);
      }
      System.load(own.toAbsolutePath().toString());
      return origin;
    } catch (IOException unwritable) {
      throw new LibraryUnavailableException(
          "cannot copy the native library from "
              + origin
              + " into the folder '"
              + folder
              + "' ("
              + unwritable
              + "); name a writable folder with -D"
              + FOLDER_PROPERTY,
          unwritable);
    } catch (UnsatisfiedLinkError refused) {
      throw new LibraryUnavailableException(
          "the native library from " + origin + " cannot be loaded: " + explain(refused, folder),
          refused);
    } finally {
      discard(own);
    }
  }

  private static String folder() {
    return System.getProperty(FOLDER_PROPERTY, System.getProperty("java.io.tmpdir", "."));
  }

  /** The linker's message, and what usually is behind it. */
  static String explain(UnsatisfiedLinkError refused, Path folder) {
    String message = String.valueOf(refused.getMessage());
    if (message.contains("failed to map segment") || message.contains("Operation not permitted")) {
      return message
          + "; the folder '"
          + folder
          + "' seems to be mounted noexec: name another one with -D"
          + FOLDER_PROPERTY;
    }
    if (message.contains("GLIBC_")) {
      return message + "; the library was built for a newer glibc: released ones need 2.17";
    }
    return message;
  }

  /**
   * The mapped file is not needed any more, except to name functions in native backtraces: then it stays
   * until the JVM ends.
   */
  private static void discard(Path own) {
    if (own == null) {
      return;
    }
    boolean backtraces = !System.getenv().getOrDefault("RUST_BACKTRACE", "0").equals("0");
    if (backtraces || !own.toFile().delete()) {
      own.toFile().deleteOnExit();
    }
  }
}
