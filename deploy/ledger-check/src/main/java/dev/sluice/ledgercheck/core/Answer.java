package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Optional;

/// Ledger A, second half: what came back for a POST.
///
/// @param httpStatus 0 when no answer came
/// @param sent false when the connection was refused, so that nothing can have arrived
/// @param jobId from the body or from `x-request-id`
/// @param complete whether the whole answer to the job, with its end, was received
/// @param served the answer's content; present whenever `complete`
public record Answer(
    String marker,
    Instant at,
    int httpStatus,
    boolean sent,
    Optional<String> jobId,
    boolean complete,
    Optional<Served> served) {

  /// Whether Sluice has promised to finish the job.
  public boolean accepted() {
    return httpStatus >= 200 && httpStatus < 300 && jobId.isPresent();
  }

  /// How much it says, where a request was sent more than once: a promise counts before an end
  /// after which the job may run, silence or a server's error, and that before a refusal.
  int weight() {
    return accepted() ? 2 : sent && !refused() ? 1 : 0;
  }

  /// Whether Sluice said that the request itself is no good: then there must be no job.
  public boolean refused() {
    return switch (httpStatus) {
      case 400, 401, 403, 404, 413, 415, 422, 429 -> true;
      default -> false;
    };
  }
}
