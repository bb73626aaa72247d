package dev.sluice.ledgercheck.core;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The mark in a prompt by which the provider's calls are joined to their POST, whatever headers or
/// ids travel on the way.
public final class Marker {
  private static final Pattern FORM = Pattern.compile("mark-[0-9a-z]+-[0-9]{6,9}");
  private static final int FIRST_QUESTION = 100_000_000;

  private Marker() {}

  public static String of(long seed, int number) {
    return "mark-%s-%06d".formatted(Long.toString(seed & Long.MAX_VALUE, 36), number);
  }

  /// The mark of a question that several posts ask.
  public static String ofQuestion(long seed, int number) {
    return of(seed, FIRST_QUESTION + number);
  }

  /// Whether several posts may have it in their prompt.
  public static boolean ofQuestion(String marker) {
    return !marker.isEmpty()
        && Integer.parseInt(marker.substring(marker.lastIndexOf('-') + 1)) >= FIRST_QUESTION;
  }

  public static Optional<String> in(String text) {
    Matcher found = FORM.matcher(text);
    return found.find() ? Optional.of(found.group()) : Optional.empty();
  }
}
