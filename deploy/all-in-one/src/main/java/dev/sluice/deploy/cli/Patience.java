package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.time.Duration;

/// Bears a server that goes away for a while, says so once, and gives up in the end. For one
/// thread.
final class Patience {
  static final Duration LIMIT = Duration.ofMinutes(10);

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(15);

  private final PrintWriter err;
  private boolean away;
  private long awaySinceNanos;
  private Duration pause = FIRST;

  Patience(PrintWriter err) {
    this.err = err;
  }

  void answered() {
    if (away) {
      say("the server answers again, going on");
    }
    away = false;
    pause = FIRST;
  }

  /// How long to wait before the next try.
  ///
  /// @param nanos of a clock that only goes forward
  /// @throws CommandFailure the failure, when it will not pass or lasts too long
  Duration failed(CommandFailure failure, long nanos) {
    if (!failure.mayPass()) {
      throw failure;
    }
    if (!away) {
      away = true;
      awaySinceNanos = nanos;
      say(
          "%s; trying again for %d minutes, the batch itself does not need this command"
              .formatted(failure.getMessage(), LIMIT.toMinutes()));
    } else if (nanos - awaySinceNanos > LIMIT.toNanos()) {
      throw new CommandFailure(
          failure.code(),
          "%s, for %d minutes now; the same command goes on where this one ends"
              .formatted(failure.getMessage(), LIMIT.toMinutes()));
    }
    Duration now = pause;
    pause = pause.multipliedBy(2).compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : LONGEST;
    return now;
  }

  private void say(String text) {
    err.println(text);
    err.flush();
  }
}
