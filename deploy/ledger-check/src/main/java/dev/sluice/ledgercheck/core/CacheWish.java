package dev.sluice.ledgercheck.core;

/// What a request says of answers that are given again.
///
/// @param ttlSeconds how old an answer may be that it takes
public record CacheWish(Mode mode, int ttlSeconds) {

  /// As on the wire, in lower case.
  public enum Mode {
    USE,
    REFRESH,
    OFF
  }
}
