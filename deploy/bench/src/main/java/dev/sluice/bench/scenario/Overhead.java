package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.process.SluiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/// What Sluice adds to an ordinary waiting call, or to a stream.
public final class Overhead implements Scenario {
  private static final int[] PLAIN_MOCK_MILLIS = {0, 50};
  private static final int[] STREAM_MOCK_MILLIS = {50};
  private static final Schedule DIRECT_WARM_UP = new Schedule(500, Duration.ofSeconds(10));
  private static final int DIRECT_CONNECTIONS = 64;

  private final boolean stream;

  public Overhead(boolean stream) {
    this.stream = stream;
  }

  @Override
  public String question() {
    return (stream
            ? "What Sluice adds to a streamed answer of 20 events, to its first token and to its"
                + " last byte."
            : "What Sluice adds to POST /v1/chat/completions that waits for its answer.")
        + " Open loop: each clock starts when the request was due. Overhead is the difference of"
        + " the same percentile, through Sluice minus direct to the mock, median of interleaved"
        + " rounds. All services, their broker, the mock and the generator share the cores; CPU is"
        + " that of Sluice with its broker.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    try (SluiceProcess sluice = bench.start()) {
      bench.mock().delayMillis(0);
      bench.warmUp(Bench.chat(sluice.http(), stream));
      OpenLoop.run(Bench.chat(bench.mock().url(), stream), DIRECT_WARM_UP, DIRECT_CONNECTIONS);
      LatencyRounds rounds = new LatencyRounds(bench, sluice, findings, stream);
      for (int millis : stream ? STREAM_MOCK_MILLIS : PLAIN_MOCK_MILLIS) {
        for (int rate : bench.options().rates()) {
          Percentiles added = rounds.measure(rate, millis);
          findings.headline(headline(rate, added));
        }
      }
    } finally {
      bench.mock().delayMillis(0);
    }
    return findings;
  }

  private String headline(int rate, Percentiles added) {
    String what = stream ? "first token" : "whole answer";
    String middle = String.format(Locale.ROOT, "%s p50 +%.2f ms", what, added.p50());
    String tail =
        Double.isNaN(added.p99()) ? "" : String.format(Locale.ROOT, ", p99 +%.1f ms", added.p99());
    return middle + tail + " at " + rate + "/s";
  }
}
