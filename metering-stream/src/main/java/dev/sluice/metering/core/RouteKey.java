package dev.sluice.metering.core;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// Whose calls are compared as one: those to one route in one hour, as far as one partition of the
/// ledger tells of them.
///
/// @param hour its start, UTC
/// @param model the caller named
/// @param shadow whether copies made them
public record RouteKey(
    Instant hour, String model, boolean shadow, String pool, String providerModel, int partition) {

  /// In the order of time; no other key has the same text.
  public String text() {
    return String.join(
        "|",
        hour.toString(),
        encoded(model),
        shadow ? "shadow" : "primary",
        encoded(pool),
        encoded(providerModel),
        Integer.toString(partition));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
