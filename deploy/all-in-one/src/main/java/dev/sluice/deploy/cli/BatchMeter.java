package dev.sluice.deploy.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Shows how far a batch is: on a terminal a bar that moves, else a line whenever something has
/// changed.
final class BatchMeter {
  private static final int WIDTH = 24;

  private final PrintWriter err;
  private final boolean terminal;
  private String shown = "";
  private long firstNanos;
  private long firstDone = -1;

  BatchMeter(PrintWriter err, boolean terminal) {
    this.err = err;
    this.terminal = terminal;
  }

  static boolean onTerminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  void begin(String id) {
    err.println("batch " + id);
    err.flush();
  }

  /// @param nanos of a clock that only goes forward
  void show(JsonNode batch, long nanos) {
    JsonNode counts = batch.path("request_counts");
    long total = counts.path("total").asLong();
    long done = counts.path("completed").asLong() + counts.path("failed").asLong();
    if (firstDone < 0 && total > 0) {
      firstDone = done;
      firstNanos = nanos;
    }
    String line =
        "%s %s %d/%d, %d failed, %s USD%s"
            .formatted(
                batch.path("status").asString(),
                bar(done, total),
                done,
                total,
                counts.path("failed").asLong(),
                batch.path("sluice").path("cost_usd").asString("0"),
                left(total - done, done - firstDone, nanos - firstNanos));
    if (terminal) {
      err.print("\r" + line + "\u001b[K");
    } else if (!line.equals(shown)) {
      err.println(line);
    }
    shown = line;
    err.flush();
  }

  void end() {
    if (terminal) {
      err.println();
      err.flush();
    }
  }

  static String bar(long done, long total) {
    int full = total == 0 ? 0 : (int) (WIDTH * done / total);
    return "[" + "#".repeat(full) + "-".repeat(WIDTH - full) + "]";
  }

  /// How long the rest takes at the rate since this command looks; empty when nobody can say.
  static String left(long lines, long doneMeanwhile, long nanos) {
    if (lines <= 0 || doneMeanwhile <= 0) {
      return "";
    }
    Duration left = Duration.ofNanos((long) ((double) nanos / doneMeanwhile * lines));
    return ", %d:%02d:%02d left"
        .formatted(left.toHours(), left.toMinutesPart(), left.toSecondsPart());
  }
}
