package dev.sluice.runtime.kafka;

import java.util.regex.Pattern;

/// What a client's metrics are published under: its id without what differs from process to process
/// and from thread to thread, so that restarts make no new series. Pure.
final class ClientName {
  private static final Pattern PREFIX = Pattern.compile("^sluice-");
  private static final Pattern PASSING =
      Pattern.compile(
          "-\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}|-(StreamThread|StateUpdater)-\\d+");
  private static final Pattern NUMBER = Pattern.compile("-\\d+$");

  private ClientName() {}

  static String of(String clientId) {
    String lasting = PASSING.matcher(PREFIX.matcher(clientId).replaceFirst("")).replaceAll("");
    return NUMBER.matcher(lasting).replaceFirst("");
  }
}
