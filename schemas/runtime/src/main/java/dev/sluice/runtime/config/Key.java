package dev.sluice.runtime.config;

/// One key of the configuration file.
///
/// @param fallback what applies without it, as one would write it, or in words; empty for nothing
/// @param meaning for the documentation and the editor
record Key(String name, Shape shape, boolean required, String fallback, String meaning) {

  static Key required(String name, Shape shape, String meaning) {
    return new Key(name, shape, true, "", meaning);
  }

  static Key optional(String name, Shape shape, String fallback, String meaning) {
    return new Key(name, shape, false, fallback, meaning);
  }

  static Key optional(String name, Shape shape, String meaning) {
    return optional(name, shape, "", meaning);
  }
}
