package dev.sluice.bench.scenario;

import dev.sluice.bench.core.CpuTicks;
import dev.sluice.bench.process.Kernel;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A broker and a router, each in a process of its own; who submits and who works is this process.
final class RouterRig implements AutoCloseable {
  private static final String POOL = "mock";
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final SluiceProcess broker;
  private final SluiceProcess router;
  private final RecordSerdes serdes;
  private final RouterSubmissions submissions;
  private final RouterResults results;
  private final RouterWorker worker;
  private long submitted;

  /// What one run took.
  ///
  /// @param all whether each job has succeeded, once
  record Run(
      double seconds,
      double routerMicros,
      double brokerMicros,
      double ownMicros,
      double foreignCores,
      boolean all) {}

  /// Processor time used so far.
  private record Ticks(long machine, long router, long broker, long own) {
    Ticks since(Ticks before) {
      return new Ticks(
          machine - before.machine,
          router - before.router,
          broker - before.broker,
          own - before.own);
    }
  }

  private RouterRig(SluiceProcess broker, SluiceProcess router, int tenants) {
    this.broker = broker;
    this.router = router;
    KafkaClients kafka = new KafkaClients(broker.kafka(), Map.of());
    serdes = RecordSerdes.over(LogSchemaRegistry.open(kafka));
    submissions = new RouterSubmissions(kafka, serdes, tenants);
    results = new RouterResults(router);
    worker = new RouterWorker(kafka, serdes, POOL);
  }

  static RouterRig start(Bench bench, int partitions, int tenants)
      throws IOException, InterruptedException {
    Path folder = bench.newFolder();
    Path launcher = bench.options().launcher();
    SluiceProcess broker = SluiceProcess.broker(launcher, folder, policy(partitions, tenants));
    try {
      return new RouterRig(broker, broker.router(launcher, folder, bench.newFolder()), tenants);
    } catch (IOException | InterruptedException e) {
      broker.kill();
      throw e;
    }
  }

  private static String policy(int partitions, int tenants) {
    StringBuilder text =
        new StringBuilder(
            "server:\n  topics: {partitions: {router: %d}}\ntenants:\n".formatted(partitions));
    for (int i = 0; i < tenants; i++) {
      text.append("  - {id: %s}\n".formatted(RouterSubmissions.tenant(i)));
    }
    return text.append(
            """
            pools:
              - {id: %1$s, provider: simulated, concurrency: %2$d}
            models:
              - {id: %3$s, routes: [{pool: %1$s, model: bench-1}]}
            prices:
              - {pool: %1$s, model: bench-1, from: 2026-01-01, input: 0.15, output: 0.60}
            """
                .formatted(POOL, Bench.CONCURRENCY, SluiceProcess.MODEL))
        .toString();
  }

  /// Gives in so many jobs and waits until all have ended.
  Run run(int jobs) throws IOException, InterruptedException {
    Wait.untilIdle(router.pid());
    submitted += jobs;
    Ticks before = ticks();
    long began = System.nanoTime();
    submissions.send(jobs);
    boolean all = Wait.until(LONGEST, () -> results.succeeded() >= submitted);
    Ticks used = ticks().since(before);
    double seconds = (results.lastNanos() - began) / 1e9;
    double watched = (System.nanoTime() - began) / 1e9;
    return new Run(
        seconds,
        micros(used.router, jobs),
        micros(used.broker, jobs),
        micros(used.own, jobs),
        CpuTicks.foreignCores(used.machine, used.router + used.broker + used.own, watched),
        all && right());
  }

  private static double micros(long ticks, int jobs) {
    return ticks * CpuTicks.MICROS_PER_TICK / jobs;
  }

  /// Whether each job so far has succeeded, and none has ended twice.
  boolean right() {
    return results.succeeded() == submitted && results.unfit() == 0 && submissions.lost() == 0;
  }

  long routerPid() {
    return router.pid();
  }

  private Ticks ticks() throws IOException {
    return new Ticks(
        Kernel.machineTicks(),
        Kernel.cpuTicks(router.pid()),
        Kernel.cpuTicks(broker.pid()),
        Kernel.cpuTicks(ProcessHandle.current().pid()));
  }

  @Override
  public void close() {
    submissions.close();
    worker.close();
    results.close();
    serdes.close();
    try {
      router.kill();
      broker.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
