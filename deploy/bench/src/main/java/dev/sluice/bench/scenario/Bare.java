package dev.sluice.bench.scenario;

import dev.sluice.bench.bare.BarePath;
import dev.sluice.bench.core.CpuTicks;
import dev.sluice.bench.core.Median;
import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.process.Kernel;
import dev.sluice.bench.report.Row;
import dev.sluice.deploy.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the hops of a call cost with nothing of Sluice on them, here and now: the measure for
/// `overhead`, since no two machines wake a thread equally fast.
public final class Bare implements Scenario {

  @Override
  public String question() {
    return "The path of a waiting call through Kafka with plain clients and the embedded broker in"
        + " one process, Sluice's client settings and its order of acknowledgements: eight records a"
        + " call, 1 KiB each, no Streams, Avro, HTTP, state or provider. Open loop: each clock"
        + " starts when the request was due. CPU is that of the process, generator included.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    var folder = Files.createDirectories(bench.newFolder());
    try (EmbeddedBroker broker = new EmbeddedBroker(folder, "127.0.0.1", 0).start();
        BarePath path = BarePath.on(broker.bootstrapServers())) {
      bench.say("warming up: %d requests".formatted(bench.warmUp().count()));
      path.drive(bench.warmUp());
      for (int rate : bench.options().rates()) {
        measure(bench, path, rate, findings);
      }
    }
    return findings;
  }

  private static void measure(Bench bench, BarePath path, int rate, Findings findings)
      throws IOException, InterruptedException {
    Schedule schedule = new Schedule(rate, bench.options().measured());
    List<Percentiles> rounds = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int i = 0; i < bench.options().rounds(); i++) {
      long before = Kernel.cpuTicks(ProcessHandle.current().pid());
      Percentiles round = path.drive(schedule);
      long ticks = Kernel.cpuTicks(ProcessHandle.current().pid()) - before;
      rounds.add(round);
      cpu.add(ticks * CpuTicks.MICROS_PER_TICK / schedule.count());
      bench.say("bare %d/s: p50 %.2f p99 %.2f ms".formatted(rate, round.p50(), round.p99()));
      findings.run(new Row().with("rate 1/s", rate).with("latency", round));
    }
    Percentiles middle = Percentiles.median(rounds);
    findings.row(
        new Row()
            .with("rate 1/s", rate)
            .with("CPU µs/request", Median.of(cpu))
            .with("latency", middle));
    findings.headline(
        String.format(Locale.ROOT, "bare hops p50 %.2f ms, p99 %.1f ms", middle.p50(), middle.p99())
            + " at "
            + rate
            + "/s");
  }
}
