package dev.sluice.runtime.config;

/// A value that has its shape, and where it was written.
///
/// @param value what its [Shape] makes: String, Boolean, Long, BigDecimal, Duration, URI, Instant,
///   a list of entries, or [Settings]
record Entry(Object value, Where where, String path) {

  String text() {
    return (String) value;
  }

  int whole() {
    return Math.toIntExact((Long) value);
  }
}
