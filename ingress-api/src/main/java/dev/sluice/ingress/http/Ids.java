package dev.sluice.ingress.http;

import dev.sluice.contract.model.JobId;
import java.security.SecureRandom;
import java.time.Instant;

/// Names of things that are no jobs, in the form of a job's id: ordered by time, beyond guessing.
/// Safe for use by many threads.
final class Ids {
  private final SecureRandom random = new SecureRandom();

  /// @param prefix such as `file-`
  String next(String prefix, Instant now) {
    return JobId.create(now, 0, 0, random.nextLong()).text(prefix);
  }

  int seed() {
    return random.nextInt();
  }
}
