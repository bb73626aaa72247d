package dev.sluice.runtime.config;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A section of the file whose values all have their shape; those that did not were reported and
/// are not here. Read-only.
final class Settings {
  private final Where where;
  private final String path;
  private final Map<String, Entry> entries;

  Settings(Where where, String path, Map<String, Entry> entries) {
    this.where = where;
    this.path = path;
    this.entries = new LinkedHashMap<>(entries);
  }

  static Settings empty(Where where) {
    return new Settings(where, "", Map.of());
  }

  Where where() {
    return where;
  }

  String path() {
    return path;
  }

  Map<String, Entry> entries() {
    return Map.copyOf(entries);
  }

  Optional<Entry> entry(String key) {
    return Optional.ofNullable(entries.get(key));
  }

  Optional<String> text(String key) {
    return entry(key).map(Entry::text);
  }

  OptionalInt whole(String key) {
    Entry entry = entries.get(key);
    return entry == null ? OptionalInt.empty() : OptionalInt.of(entry.whole());
  }

  Optional<Duration> span(String key) {
    return entry(key).map(entry -> (Duration) entry.value());
  }

  Optional<URI> url(String key) {
    return entry(key).map(entry -> (URI) entry.value());
  }

  Optional<Instant> moment(String key) {
    return entry(key).map(entry -> (Instant) entry.value());
  }

  Optional<BigDecimal> usd(String key) {
    return entry(key).map(entry -> (BigDecimal) entry.value());
  }

  Optional<BigDecimal> ratio(String key) {
    return entry(key).map(entry -> (BigDecimal) entry.value());
  }

  /// A section below; an empty one where it is not written.
  Settings section(String key) {
    return entry(key).map(entry -> (Settings) entry.value()).orElseGet(() -> empty(where));
  }

  /// The elements of a list; none where it is not written.
  List<Entry> list(String key) {
    return entry(key).map(Settings::elements).orElse(List.of());
  }

  /// The sections of a list of sections.
  List<Settings> sections(String key) {
    return list(key).stream().map(entry -> (Settings) entry.value()).toList();
  }

  static List<Entry> elements(Entry list) {
    return ((List<?>) list.value()).stream().map(Entry.class::cast).toList();
  }
}
