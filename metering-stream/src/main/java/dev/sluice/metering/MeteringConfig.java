package dev.sluice.metering;

import dev.sluice.metering.topology.ForgettingRule;
import java.time.Duration;

/// How metering runs. The defaults make a row readable well within a second of the job's end and
/// within five of a `kill -9`.
///
/// @param commitInterval longest time that counted rows wait for the end of their transaction; half
///   of it is the mean latency of a row, and each commit costs the broker about ten requests
/// @param transactionTimeout after which the broker ends the transaction of a process that is gone
///   for good; one that comes back ends it at once
/// @param sessionTimeout after which the partitions of a process that is gone for good move; one
///   that comes back in time has them at once
/// @param threads of Kafka Streams, 1..64; more than ledger partitions are idle
/// @param cacheBytes for totals between two commits
public record MeteringConfig(
    Duration commitInterval,
    Duration transactionTimeout,
    Duration sessionTimeout,
    int threads,
    long cacheBytes,
    ForgettingRule forgetting) {
  public static final MeteringConfig DEFAULT =
      new MeteringConfig(
          Duration.ofMillis(200),
          Duration.ofSeconds(10),
          Duration.ofSeconds(6),
          1,
          8L * 1024 * 1024,
          ForgettingRule.DEFAULT);
}
