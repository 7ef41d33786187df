package io.financelake.connect;

/** Texts as they stand in JSON. */
public final class Json {
  private Json() {}

  /** The text as a JSON string. */
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            letter -> {
              if (letter == '"' || letter == '\\') {
                quoted.append('\\').append((char) letter);
              } else if (letter < ' ') {
                quoted.append(String.format("\\u%04x", letter));
              } else {
                quoted.append((char) letter);
              }
            });
    return quoted.append('"').toString();
  }
}
