package dev.sluice.ledgercheck.core;

import java.time.Instant;

/// Ledger X: a cancellation and what was answered.
///
/// @param httpStatus 0 when no answer came
public record CancelAnswer(
    String marker,
    String jobId,
    Instant askedAt,
    Instant answeredAt,
    int httpStatus,
    JobState state) {

  public boolean confirmed() {
    return httpStatus == 200 && state == JobState.CANCELLED;
  }
}
