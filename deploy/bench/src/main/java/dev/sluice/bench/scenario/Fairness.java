package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.ClosedLoop;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/// Who gets how much of a pool that all want, with tenants spread over four router tasks in two
/// processes.
public final class Fairness implements Scenario {
  private static final int CALLERS = 64;
  private static final int CONNECTIONS = 128;
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final String STANDARD = "standard";
  private static final String INTERACTIVE = "interactive";

  /// Tokens of the jobs whose waits are measured: 160 a second fill the pool.
  private static final int TOKENS = 2_000;

  private static final double PER_SECOND =
      (double) FairnessPolicy.SLOTS * FairnessPolicy.TOKENS_PER_SECOND / TOKENS;

  /// Part of the pool that the quiet tenant asks for; the rest is the noisy one's.
  private static final double QUIET = 0.4;

  private static final double URGENT_PER_SECOND = 60;

  @Override
  public String question() {
    return "One simulated pool of "
        + FairnessPolicy.SLOTS
        + " calls at once for tenants in four router tasks, two in the process of `sluice up` and"
        + " two in a router of its own. SHARE: fifty tenants, "
        + FairnessPolicy.SPREAD
        + " of them in the tasks, with jobs of 400 to 10,000 tokens, all with a backlog; Jain's index is"
        + " over the tokens that each got while all had one, least and most are parts of the mean."
        + " WAIT: a tenant that asks for "
        + Math.round(QUIET * 100)
        + " % of the pool, alone; beside one in another task that asks for the rest; and beside that"
        + " one with a backlog, told as a multiple of what it is due in the measured time. URGENT:"
        + " interactive jobs beside the same backlog. Wait is from the job's id to the begin of its"
        + " call.";
  }

  /// What is under test.
  private record Rig(
      Bench bench, Findings findings, FairnessPolicy policy, SluiceProcess sluice, EndedJobs ends) {
    Duration measured() {
      return bench.options().measured();
    }

    Target job(String tenant, String priority, int tokens) {
      return FairnessPolicy.job(sluice.http(), tenant, priority, tokens);
    }

    void submit(List<Target> jobs) throws IOException, InterruptedException {
      LoadResult load = ClosedLoop.each(jobs, CALLERS);
      bench.say("%d jobs given in, %.0f a second".formatted(jobs.size(), load.perSecond()));
      findings.require(load.errors() == 0);
    }
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    FairnessPolicy policy = new FairnessPolicy();
    Path folder = bench.newFolder();
    Path launcher = bench.options().launcher();
    SluiceProcess sluice =
        SluiceProcess.start(launcher, folder, policy.configuration(), policy.environment());
    try {
      SluiceProcess second = sluice.router(launcher, folder, bench.newFolder());
      try (EndedJobs ends = new EndedJobs(sluice)) {
        boolean shared = Wait.until(LONG, () -> tasks(sluice) == 2 && tasks(second) == 2);
        findings.require(shared);
        Rig rig = new Rig(bench, findings, policy, sluice, ends);
        double jain = share(rig);
        Percentiles alone = wait(rig, "alone", 0);
        Percentiles beside = wait(rig, "beside one at its share", 1);
        Percentiles crowded = crowded(rig);
        findings.require(ends.failed() == 0);
        findings.headline(
            String.format(
                Locale.ROOT,
                "Jain's index %.3f over fifty tenants in four tasks; p99 wait of a tenant: %.0f ms"
                    + " alone, %.0f ms beside one at its share, %.0f ms beside its backlog",
                jain,
                alone.p99(),
                beside.p99(),
                crowded.p99()));
      } finally {
        second.kill();
      }
    } finally {
      sluice.kill();
    }
    return findings;
  }

  private static double tasks(SluiceProcess process) throws IOException, InterruptedException {
    return process.metric("sluice_router_tasks");
  }

  private static double share(Rig rig) throws IOException, InterruptedException {
    Map<String, Integer> sizes = rig.policy.sizes();
    double perSecond =
        (double) FairnessPolicy.SLOTS * FairnessPolicy.TOKENS_PER_SECOND / sizes.size();
    // Enough for the measured time, what runs before it, and half as much again.
    double tokens = perSecond * (rig.measured().toSeconds() + 15) * 1.5;
    List<Target> jobs = new ArrayList<>();
    Map<String, Integer> given = new HashMap<>();
    sizes.forEach((tenant, size) -> {
      int count = (int) Math.ceil(tokens / size);
      given.put(tenant, count);
      jobs.addAll(Collections.nCopies(count, rig.job(tenant, STANDARD, size)));
    });
    Collections.shuffle(jobs, new Random(1));
    rig.submit(jobs);

    Instant from = Instant.now();
    Thread.sleep(rig.measured());
    Instant to = Instant.now();
    boolean all = Wait.until(LONG, () -> rig.ends.count() >= jobs.size());
    rig.findings.require(all && rig.ends.count() == jobs.size());

    Map<String, Long> got = new HashMap<>();
    Map<String, Integer> before = new HashMap<>();
    rig.ends
        .all()
        .forEach(ended -> {
          if (ended.finishedIn(from, to)) {
            got.merge(ended.tenant(), sizes.getOrDefault(ended.tenant(), 0).longValue(), Long::sum);
          }
          if (ended.finished().isBefore(to)) {
            before.merge(ended.tenant(), 1, Integer::sum);
          }
        });
    // Who had nothing left to wait was not in the contest any more.
    given.forEach((tenant, count) -> rig.findings.require(before.getOrDefault(tenant, 0) < count));
    double sum = sizes.keySet().stream().mapToDouble(tenant -> got.getOrDefault(tenant, 0L)).sum();
    double squares =
        sizes.keySet().stream()
            .mapToDouble(tenant -> got.getOrDefault(tenant, 0L))
            .map(tokensOf -> tokensOf * tokensOf)
            .sum();
    double jain = sum * sum / (sizes.size() * squares);
    double mean = sum / sizes.size();
    double used =
        sum
            / (Duration.between(from, to).toMillis()
                / 1_000.0
                * FairnessPolicy.SLOTS
                * FairnessPolicy.TOKENS_PER_SECOND);
    long least = sizes.keySet().stream().mapToLong(t -> got.getOrDefault(t, 0L)).min().orElse(0);
    long most = got.values().stream().mapToLong(Long::longValue).max().orElse(0);
    rig.bench.say("Jain's index %.3f, %.2f of the slots used".formatted(jain, used));
    rig.findings.row(
        new Row()
            .with("what", "SHARE")
            .with("tenants", sizes.size())
            .with("Jain's index", jain)
            .with("least", least / mean)
            .with("most", most / mean)
            .with("slots used", used)
            .with("times its share", Double.NaN)
            .with("wait", Percentiles.ofNanos(new Histogram(3))));
    return jain;
  }

  private static Percentiles wait(Rig rig, String name, double times)
      throws IOException, InterruptedException {
    int before = rig.ends.count();
    double rate = times * (1 - QUIET) * PER_SECOND;
    Target noise = rig.job(rig.policy.noisy(), STANDARD, TOKENS);
    Thread noisy =
        Thread.ofPlatform()
            .name("noisy")
            .start(() -> {
              if (rate > 0) {
                offer(noise, new Schedule(rate, rig.measured()));
              }
            });
    Percentiles waits = quiet(rig, STANDARD, QUIET * PER_SECOND);
    noisy.join();
    long asked =
        new Schedule(QUIET * PER_SECOND, rig.measured()).count()
            + (rate > 0 ? new Schedule(rate, rig.measured()).count() : 0);
    rig.findings.require(Wait.until(LONG, () -> rig.ends.count() - before >= asked));
    row(rig, "WAIT " + name, times, waits);
    return waits;
  }

  private static void offer(Target target, Schedule schedule) {
    try {
      OpenLoop.run(target, schedule, CONNECTIONS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Percentiles crowded(Rig rig) throws IOException, InterruptedException {
    int backlog = rig.bench.options().backlogs().getLast();
    rig.submit(Collections.nCopies(backlog, rig.job(rig.policy.noisy(), STANDARD, TOKENS)));
    double due = (1 - QUIET) * PER_SECOND * rig.measured().toSeconds();
    Percentiles waits = quiet(rig, STANDARD, QUIET * PER_SECOND);
    row(rig, "WAIT beside a backlog", backlog / due, waits);
    Percentiles urgent = quiet(rig, INTERACTIVE, URGENT_PER_SECOND);
    row(rig, "URGENT beside a backlog", backlog / due, urgent);
    return waits;
  }

  /// How long the jobs of the quiet tenant wait that it gives in at a rate.
  private static Percentiles quiet(Rig rig, String priority, double perSecond)
      throws IOException, InterruptedException {
    Schedule schedule = new Schedule(perSecond, rig.measured());
    Instant from = Instant.now();
    LoadResult load =
        OpenLoop.run(rig.job(rig.policy.quiet(), priority, TOKENS), schedule, CONNECTIONS);
    rig.findings.require(load.errors() == 0);
    boolean all = Wait.until(LONG, () -> endedSince(rig, from).count() >= schedule.count());
    rig.findings.require(all);
    Histogram nanos = new Histogram(3);
    endedSince(rig, from)
        .forEach(ended ->
            nanos.recordValue(
                Math.max(0, Duration.between(ended.accepted(), ended.started()).toNanos())));
    return Percentiles.ofNanos(nanos);
  }

  private static Stream<EndedJobs.Ended> endedSince(Rig rig, Instant from) {
    Instant accepted = from.truncatedTo(ChronoUnit.MILLIS);
    return rig.ends
        .all()
        .filter(ended -> ended.tenant().equals(rig.policy.quiet()))
        .filter(ended -> !ended.accepted().isBefore(accepted));
  }

  private static void row(Rig rig, String name, double times, Percentiles waits) {
    Row row =
        new Row()
            .with("what", name)
            .with("tenants", times > 0 ? 2 : 1)
            .with("Jain's index", Double.NaN)
            .with("least", Double.NaN)
            .with("most", Double.NaN)
            .with("slots used", Double.NaN)
            .with("times its share", times)
            .with("wait", waits);
    rig.findings.row(row);
    rig.bench.say(row.values().toString());
  }
}
