package dev.sluice.worker;

import dev.sluice.contract.topic.Topics;
import java.time.Duration;

/// Static settings of a worker; what it serves comes from the policy.
///
/// @param maxRecordsPerPoll most records one poll of a share consumer brings, 1..500; pools with
///   few slots take fewer
/// @param maxAnswerBytes longest answer of a provider, bytes; must fit into a record
/// @param closeGrace how long `close` waits for the log to take what is written
public record WorkerConfig(int maxRecordsPerPoll, int maxAnswerBytes, Duration closeGrace) {
  public static final WorkerConfig DEFAULT =
      new WorkerConfig(16, Topics.MAX_RECORD_BYTES - 64 * 1024, Duration.ofSeconds(2));

  public WorkerConfig {
    if (maxRecordsPerPoll < 1 || maxRecordsPerPoll > 500) {
      throw new IllegalArgumentException("maxRecordsPerPoll out of 1..500: " + maxRecordsPerPoll);
    }
    if (maxAnswerBytes < 1024 || maxAnswerBytes > Topics.MAX_RECORD_BYTES) {
      throw new IllegalArgumentException(
          "maxAnswerBytes out of 1024.." + Topics.MAX_RECORD_BYTES + ": " + maxAnswerBytes);
    }
  }
}
