package io.financelake.connect;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Guesses what was meant. */
final class Spelling {
  /** More changes than this are another word. */
  private static final int MOST_CHANGES = 3;

  private Spelling() {}

  /** The nearest of the words, if it is near. */
  static Optional<String> nearest(String given, Stream<String> words) {
    return words
        .filter(word -> changes(given, word) <= MOST_CHANGES)
        .min(Comparator.comparingInt((String word) -> changes(given, word)).thenComparing(word -> word));
  }

  /** Letters to insert, drop or replace, neighbours swapped counting as two. */
  private static int changes(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
