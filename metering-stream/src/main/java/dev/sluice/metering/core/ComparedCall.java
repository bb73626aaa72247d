package dev.sluice.metering.core;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// One call of a job that has shadow copies, or of a copy, as it is compared.
///
/// @param end how it ended
/// @param firstToken how long the first part took; empty when it did not stream
/// @param total how long it took; empty when that is not known
/// @param tokens used, by kind
/// @param owed what it costs the operator
public record ComparedCall(
    End end,
    Optional<Duration> firstToken,
    Optional<Duration> total,
    Map<String, Long> tokens,
    Amount owed) {
  public ComparedCall {
    tokens = Map.copyOf(tokens);
  }

  /// How a call ended.
  public enum End {
    SUCCEEDED,
    FAILED,
    /// Ended from our side, by a cancel or a deadline: says nothing of the route.
    STOPPED
  }
}
