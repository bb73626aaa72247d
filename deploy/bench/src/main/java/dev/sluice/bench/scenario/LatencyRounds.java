package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Interleaved runs of one rate, direct to the mock and through Sluice.
final class LatencyRounds {
  private final Bench bench;
  private final SluiceProcess sluice;
  private final Findings findings;
  private final boolean stream;

  LatencyRounds(Bench bench, SluiceProcess sluice, Findings findings, boolean stream) {
    this.bench = bench;
    this.sluice = sluice;
    this.findings = findings;
    this.stream = stream;
  }

  /// Measures one row.
  ///
  /// @return the overhead: of the first token where streamed, else of the last byte
  Percentiles measure(int rate, int mockMillis) throws IOException, InterruptedException {
    bench.mock().delayMillis(mockMillis);
    List<LatencyRun> direct = new ArrayList<>();
    List<LatencyRun> through = new ArrayList<>();
    for (int i = 0; i < bench.options().rounds(); i++) {
      direct.add(run("direct", bench.mock().url(), rate, mockMillis));
      through.add(run("sluice", sluice.http(), rate, mockMillis));
    }
    Percentiles last = overhead(through, direct, false);
    Row row = new Row().with("rate 1/s", rate).with("mock ms", mockMillis);
    LatencyRun.costs(row, through);
    if (stream) {
      row.with("first token +", overhead(through, direct, true)).with("last byte +", last);
    } else {
      row.with("overhead", last);
    }
    findings.row(row);
    return stream ? overhead(through, direct, true) : last;
  }

  private LatencyRun run(String path, URI base, int rate, int mockMillis)
      throws IOException, InterruptedException {
    return LatencyRun.quiet(
        bench, findings, new LatencyRun.Load(path, base, sluice, rate, mockMillis, stream));
  }

  private static Percentiles overhead(
      List<LatencyRun> through, List<LatencyRun> direct, boolean first) {
    List<Percentiles> differences = new ArrayList<>();
    for (int i = 0; i < through.size(); i++) {
      differences.add(part(through.get(i), first).minus(part(direct.get(i), first)));
    }
    return Percentiles.median(differences);
  }

  private static Percentiles part(LatencyRun run, boolean first) {
    return first ? run.firstContent() : run.latency();
  }
}
