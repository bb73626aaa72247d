package dev.sluice.ingress.core;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What a request wants of answers that its tenant was given before.
///
/// @param ttl how old one may be, and how long its own is given again; the tenant's where it is
///   empty
public record CacheWish(Mode mode, Optional<Duration> ttl) {
  public static final Duration LONGEST = Duration.ofDays(7);

  /// What it wants.
  public enum Mode {
    USE,
    REFRESH,
    OFF;

    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The mode of a name.
    public static Optional<Mode> of(String key) {
      for (Mode mode : values()) {
        if (mode.key().equals(key)) {
          return Optional.of(mode);
        }
      }
      return Optional.empty();
    }
  }

  /// What a header says: a mode, and perhaps `ttl=seconds` after a comma; empty when it is neither.
  public static Optional<CacheWish> parse(String header) {
    String[] parts = header.strip().split("\\s*,\\s*", -1);
    Optional<Mode> mode = Mode.of(parts[0]);
    if (mode.isEmpty() || parts.length > 2) {
      return Optional.empty();
    }
    if (parts.length == 1) {
      return mode.map(known -> new CacheWish(known, Optional.empty()));
    }
    return parts[1].matches("ttl=[0-9]{1,6}")
        ? ttl(Long.parseLong(parts[1].substring(4)))
            .map(ttl -> new CacheWish(mode.get(), Optional.of(ttl)))
        : Optional.empty();
  }

  /// A time in seconds, if it may be one.
  public static Optional<Duration> ttl(long seconds) {
    return seconds >= 1 && seconds <= LONGEST.toSeconds()
        ? Optional.of(Duration.ofSeconds(seconds))
        : Optional.empty();
  }
}
