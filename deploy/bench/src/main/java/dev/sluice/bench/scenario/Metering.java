package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// How soon finance can read what a job cost: in the steady state, and after kill -9 under load.
public final class Metering implements Scenario {
  private static final int KILLED_PER_SECOND = 40;
  private static final Duration LOAD_BEFORE_KILL = Duration.ofSeconds(10);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public String question() {
    return "Time from the end of a waiting call to when its charge can be read from sluice.costs by"
        + " a consumer of committed records. And after kill -9 at "
        + KILLED_PER_SECOND
        + " calls a second: time from the launcher's start to the ready line, to the end of the"
        + " first answer, to that call's charge, and to the charges of all calls answered before"
        + " the kill; each charge must be there once.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    Path folder = bench.newFolder();
    SluiceProcess sluice = bench.start(folder);
    bench.warmUp(Bench.chat(sluice.http(), false));
    double p99 = 0;
    for (int rate : bench.options().rates()) {
      p99 = Math.max(p99, steady(bench, findings, sluice, rate));
    }
    double latest = 0;
    for (int i = 0; i < bench.options().rounds(); i++) {
      Killed killed = kill(bench, findings, sluice, folder);
      sluice = killed.next();
      latest = Math.max(latest, killed.rowAfterReady());
    }
    sluice.terminate();
    findings.headline(
        String.format(
            Locale.ROOT,
            "a charge can be read %.0f ms (p99) after its call, and at most %.2f s after a start"
                + " that follows kill -9 is ready",
            p99,
            latest));
    return findings;
  }

  private static double steady(Bench bench, Findings findings, SluiceProcess sluice, int rate)
      throws IOException, InterruptedException {
    try (CostRows rows = new CostRows(sluice)) {
      Answers answers = new Answers(sluice, rate);
      answers.call();
      try (answers) {
        answers.start();
        Thread.sleep(bench.options().measured());
      }
      Map<String, Long> ended = answers.answeredAt();
      findings.require(allRead(rows, ended));
      Map<String, Long> read = rows.readAt();
      Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
      // A row can be read before the caller has its answer.
      ended.forEach(
          (job, at) -> latencies.recordValue(Math.max(0, read.getOrDefault(job, at) - at)));
      Percentiles millis = Percentiles.ofNanos(latencies);
      findings.require(rows.chargesOnce());
      findings.row(
          new Row().with("case", rate + " calls a second").with("row after answer", millis));
      return millis.p99();
    }
  }

  private static boolean allRead(CostRows rows, Map<String, Long> jobs)
      throws IOException, InterruptedException {
    return Wait.until(LIMIT, () -> rows.readAt().keySet().containsAll(jobs.keySet()));
  }

  private record Killed(SluiceProcess next, double rowAfterReady) {}

  private static Killed kill(Bench bench, Findings findings, SluiceProcess sluice, Path folder)
      throws IOException, InterruptedException {
    Map<String, Long> before;
    try (Answers answers = new Answers(sluice, KILLED_PER_SECOND).start()) {
      Thread.sleep(LOAD_BEFORE_KILL);
      sluice.kill();
      before = answers.answeredAt();
    }
    long began = System.nanoTime();
    SluiceProcess next = bench.start(folder);
    double ready = next.readyAfter().toMillis() / 1e3;
    try (CostRows rows = new CostRows(next);
        Answers answers = new Answers(next, KILLED_PER_SECOND)) {
      String first = answers.call();
      findings.require(Wait.until(LIMIT, () -> rows.readAt().containsKey(first)));
      findings.require(allRead(rows, before));
      findings.require(rows.chargesOnce());
      Map<String, Long> read = rows.readAt();
      double row = seconds(began, read.getOrDefault(first, began));
      long last =
          before.keySet().stream()
              .mapToLong(job -> read.getOrDefault(job, began))
              .max()
              .orElse(began);
      findings.run(
          new Row()
              .with("after kill -9", "ready")
              .with("ready s", ready)
              .with(
                  "first answer s", seconds(began, answers.answeredAt().getOrDefault(first, began)))
              .with("its charge s", row)
              .with("all charges of before s", seconds(began, last))
              .with("calls before", before.size()));
      return new Killed(next, row - ready);
    }
  }

  private static double seconds(long began, long at) {
    return (at - began) / 1e9;
  }
}
