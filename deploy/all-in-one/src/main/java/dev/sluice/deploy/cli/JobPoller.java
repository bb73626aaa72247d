package dev.sluice.deploy.cli;

import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Asks for a job again and again, each time for as long as the server waits, until it has ended.
final class JobPoller {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final SluiceClient client;
  private final Optional<Duration> limit;

  /// @param limit of all waiting together; empty for none
  JobPoller(SluiceClient client, Optional<Duration> limit) {
    this.client = client;
    this.limit = limit;
  }

  /// The ended job.
  ///
  /// @throws CommandFailure when it has not ended in time
  JsonNode await(String id) {
    long begin = System.nanoTime();
    while (true) {
      Duration left = left(begin);
      JsonNode job = client.get("v1/jobs/" + id + "?wait=" + waitSeconds(left));
      if (JobAnswer.isTerminal(JobAnswer.status(job))) {
        return job;
      }
      if (left.compareTo(Duration.ZERO) <= 0) {
        throw new CommandFailure(
            ExitCode.TIMED_OUT, "job " + id + " has not ended: it is " + JobAnswer.status(job));
      }
    }
  }

  private Duration left(long begin) {
    return limit.map(whole -> whole.minusNanos(System.nanoTime() - begin)).orElse(LONGEST_WAIT);
  }

  private static long waitSeconds(Duration left) {
    long seconds = (left.toMillis() + 999) / 1000;
    return Math.clamp(seconds, 0, LONGEST_WAIT.toSeconds());
  }
}
