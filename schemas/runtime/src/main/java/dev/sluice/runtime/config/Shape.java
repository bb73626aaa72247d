package dev.sluice.runtime.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// What may stand behind a key. The reader of files, the JSON Schema and the documentation all go
/// by it, so they cannot disagree.
sealed interface Shape {

  /// One value; also what a variable of the environment can hold.
  sealed interface Scalar extends Shape {}

  /// @param pattern regular expression of the whole text
  /// @param expected the same in words
  record Text(String pattern, String expected) implements Scalar {}

  record Flag() implements Scalar {}

  record Whole(long min, long max) implements Scalar {}

  /// An amount of USD per million tokens, exact.
  record Usd() implements Scalar {}

  /// A part of a whole, 0 to 1, exact.
  record Ratio() implements Scalar {}

  /// An ISO-8601 duration.
  record Span(Duration min, Duration max) implements Scalar {}

  /// An absolute http or https URL.
  record Url() implements Scalar {}

  /// @param refused values of other versions, and what to do instead
  record Choice(List<String> values, Map<String, String> refused) implements Scalar {}

  /// A reference to a secret; the secret itself is an error.
  record Reference() implements Scalar {}

  /// A date, which means its first instant in UTC, or an instant.
  record Moment() implements Scalar {}

  /// A network in CIDR notation.
  record Network() implements Scalar {}

  /// A list.
  record Many(Shape element, int min) implements Shape {}

  /// @param refused keys that this version knows and does not enforce, with what that means
  record Section(List<Key> keys, Map<String, String> refused) implements Shape {}

  /// Names and values that someone else's class reads; nested sections are joined by dots.
  ///
  /// @param keys those of our own that stand among them
  record Open(List<Key> keys) implements Shape {}

  /// A section of these keys, that refuses none by name.
  static Section section(Key... keys) {
    return new Section(List.of(keys), Map.of());
  }
}
