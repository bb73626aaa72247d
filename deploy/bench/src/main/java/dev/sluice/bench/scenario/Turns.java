package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Machine;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Two checkouts of Sluice side by side, loaded in turns: what a change makes. A machine may be two
/// fifths slower an hour later, so figures of two pages say little about two commits.
public final class Turns implements Scenario {
  private final Path other;

  /// @param other checkout to compare with
  public Turns(Path other) {
    this.other = other;
  }

  @Override
  public String question() {
    return "Two checkouts of Sluice, each with its own broker and both warm, called in turns with"
        + " POST /v1/chat/completions that waits for its answer, mock of 0 ms; the one that does"
        + " not have its turn is idle, and its idling is among the foreign cores. Open loop: each clock starts when the request was due. The"
        + " rows are medians of the turns.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    bench.mock().delayMillis(0);
    String otherCommit = "other, " + Machine.commit(other);
    try (SluiceProcess here = bench.start();
        SluiceProcess there = bench.start(other.resolve("deploy/sluice"), bench.newFolder())) {
      bench.warmUp(Bench.chat(here.http(), false));
      bench.warmUp(Bench.chat(there.http(), false));
      for (int rate : bench.options().rates()) {
        List<LatencyRun> ours = new ArrayList<>();
        List<LatencyRun> others = new ArrayList<>();
        for (int i = 0; i < bench.options().rounds(); i++) {
          // Who was first is second next: whatever grows with time is shared.
          if (i % 2 == 0) {
            ours.add(turn(bench, findings, "this", here, rate));
            others.add(turn(bench, findings, otherCommit, there, rate));
          } else {
            others.add(turn(bench, findings, otherCommit, there, rate));
            ours.add(turn(bench, findings, "this", here, rate));
          }
        }
        Percentiles our = row(findings, "this", rate, ours);
        Percentiles their = row(findings, otherCommit, rate, others);
        findings.headline(
            String.format(
                Locale.ROOT,
                "p50 %.2f ms, other %.2f; p99 %.1f ms, other %.1f at %d/s",
                our.p50(),
                their.p50(),
                our.p99(),
                their.p99(),
                rate));
      }
    }
    return findings;
  }

  private static LatencyRun turn(
      Bench bench, Findings findings, String name, SluiceProcess sluice, int rate)
      throws IOException, InterruptedException {
    URI base = sluice.http();
    return LatencyRun.quiet(
        bench, findings, new LatencyRun.Load(name, base, sluice, rate, 0, false));
  }

  private static Percentiles row(Findings findings, String name, int rate, List<LatencyRun> runs) {
    Percentiles middle = Percentiles.median(runs.stream().map(LatencyRun::latency).toList());
    Row row = new Row().with("sluice", name).with("rate 1/s", rate);
    findings.row(LatencyRun.costs(row, runs).with("latency", middle));
    return middle;
  }
}
