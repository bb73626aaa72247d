package dev.sluice.router;

import dev.sluice.runtime.kafka.TopicCreator;
import java.time.Duration;

/// Settings of a router process.
///
/// @param topics how the work topics of a new pool are created
/// @param streamThreads stream threads, 1..64; one serves about 4,700 jobs a second
/// @param commitInterval how often inputs are committed; also how long finished jobs stay in memory
/// @param resultRetention how long results can be read, stamped on each as `expires_at`
/// @param repeatWindow how long a repeat under the same idempotency key finds its first job
public record RouterConfig(
    TopicCreator topics,
    int streamThreads,
    Duration commitInterval,
    Duration resultRetention,
    Duration repeatWindow) {

  public RouterConfig {
    if (streamThreads < 1 || streamThreads > 64) {
      throw new IllegalArgumentException("stream threads out of 1..64: " + streamThreads);
    }
  }

  /// One thread, committing twice a second, results kept for 30 days, keys for one.
  public static RouterConfig defaults(TopicCreator topics) {
    return new RouterConfig(
        topics, 1, Duration.ofMillis(500), Duration.ofDays(30), Duration.ofDays(1));
  }
}
