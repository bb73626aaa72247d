package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.load.Crowd;
import dev.sluice.bench.process.Kernel;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.HdrHistogram.Histogram;

/// What very many callers that wait cost, and how soon each hears of its job's end.
public final class Waiting implements Scenario {
  private static final int SAMPLES = 1_000;
  private static final Duration ANSWER = Duration.ofSeconds(50);

  private final boolean alone;

  /// @param alone whether they wait at an ingress in a process of its own; else at the whole
  public Waiting(boolean alone) {
    this.alone = alone;
  }

  /// How they wait.
  private enum Kind {
    /// `GET ?wait=60`, all on one job: what a waiter costs beside its job.
    POLL,
    /// `GET …/events`, all on one job.
    EVENTS,
    /// `POST /v1/chat/completions`, each with a job of its own.
    CALL,
    /// The same with `stream`.
    STREAM
  }

  @Override
  public String question() {
    return "Callers that wait at once while the provider answers nobody: long polls and streams of"
        + " events on one job (POLL, EVENTS), and waiting and streaming calls with a job each (CALL,"
        + " STREAM). "
        + (alone
            ? "They wait at an ingress in a process of its own, and memory is that of this process;"
                + " the rest of Sluice is another one."
            : "Memory is that of the whole process, so with CALL and STREAM also of the jobs.")
        + " Resident is the most seen while they wait; more is what came on top of the same process"
        + " with none waiting, after a full collection. Wake-up is the time from sending a cancel to"
        + " the waiter's answer: through command, router, result and tail; for POLL and EVENTS one"
        + " cancel wakes all, for the others up to "
        + SAMPLES
        + " jobs are cancelled one after the other. Every caller is an open connection: `ulimit -n`"
        + " must be higher for Sluice and for the generator.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double most = 0;
    for (Kind kind : Kind.values()) {
      for (int callers : bench.options().callers()) {
        Path folder = bench.newFolder();
        SluiceProcess whole = bench.start(folder);
        try (SluiceProcess measured = alone ? bench.ingress(whole, folder) : whole) {
          bench.warmUp(Bench.chat(measured.http(), false));
          bench.mock().hold(true);
          most = Math.max(most, measure(bench, measured, findings, kind, callers));
          // Its drain would wait for answers.
          measured.kill();
        } finally {
          bench.mock().hold(false);
          whole.kill();
        }
      }
    }
    findings.headline(
        String.format(
            Locale.ROOT,
            "at most %.0f MiB resident with %,d waiting callers%s",
            most,
            bench.options().callers().getLast(),
            alone ? ", the ingress alone" : ", the whole"));
    return findings;
  }

  private static double measure(
      Bench bench, SluiceProcess sluice, Findings findings, Kind kind, int callers)
      throws IOException, InterruptedException {
    JobClient jobs = new JobClient(sluice.http());
    double heapBefore = sluice.liveHeapMib();
    double residentBefore = Kernel.residentMib(sluice.pid());
    int threadsBefore = Kernel.threads(sluice.pid());
    try (Crowd crowd = new Crowd(sluice.http())) {
      boolean together = kind == Kind.POLL || kind == Kind.EVENTS;
      String polled = together ? jobs.submit() : "";
      long began = System.nanoTime();
      crowd.join(callers, request(sluice, kind, polled));
      findings.require(
          Wait.until(ANSWER, () -> sluice.metric("sluice_ingress_in_flight") >= callers));
      double seconds = (System.nanoTime() - began) / 1e9;
      double most = Kernel.residentMib(sluice.pid());
      double heap = sluice.liveHeapMib() - heapBefore;
      double resident = Kernel.residentMib(sluice.pid()) - residentBefore;
      int threads = Kernel.threads(sluice.pid()) - threadsBefore;
      Histogram nanos = new Histogram(3);
      boolean right =
          together
              ? wakeAll(crowd, jobs, polled, callers, nanos)
              : wakeEach(crowd, jobs, Math.min(callers, SAMPLES), nanos);
      findings.require(right);
      Percentiles wakeUp = Percentiles.ofNanos(nanos);
      bench.say(
          "%s, %d callers: %.0f MiB resident, %.0f MiB more, %.0f MiB heap more, wake-up p50 %.1f ms, p99 %.1f ms%s"
              .formatted(
                  kind,
                  callers,
                  most,
                  resident,
                  heap,
                  wakeUp.p50(),
                  wakeUp.p99(),
                  right ? "" : ", SOME NOT TOLD"));
      findings.row(
          new Row()
              .with("wait", kind.name())
              .with("callers", callers)
              .with("joined in s", seconds)
              .with("resident MiB", most)
              .with("resident MiB more", resident)
              .with("resident KiB each", resident * 1024 / callers)
              .with("heap MiB more", heap)
              .with("heap KiB each", heap * 1024 / callers)
              .with("platform threads more", threads)
              .with("wake-up", wakeUp));
      return most;
    }
  }

  private static byte[] request(SluiceProcess sluice, Kind kind, String polled) {
    return switch (kind) {
      case POLL -> get("/v1/jobs/" + polled + "?wait=60");
      case EVENTS -> get("/v1/jobs/" + polled + "/events");
      case CALL -> Bench.chat(sluice.http(), false).request();
      case STREAM -> Bench.chat(sluice.http(), true).request();
    };
  }

  private static byte[] get(String path) {
    return "GET %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n"
        .formatted(path, SluiceProcess.KEY)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static boolean wakeAll(
      Crowd crowd, JobClient jobs, String job, int callers, Histogram nanos)
      throws IOException, InterruptedException {
    long sent = System.nanoTime();
    jobs.cancel(job);
    boolean all = crowd.awaitTold(callers, ANSWER);
    crowd.told().forEach(at -> nanos.recordValue(at - sent));
    return all;
  }

  private static boolean wakeEach(Crowd crowd, JobClient jobs, int samples, Histogram nanos)
      throws IOException, InterruptedException {
    List<String> newest = jobs.newest(samples);
    boolean all = newest.size() == samples;
    for (String job : newest) {
      long sent = System.nanoTime();
      jobs.cancel(job);
      OptionalLong told = crowd.awaitToldOf(job, ANSWER);
      all &= told.isPresent();
      told.ifPresent(at -> nanos.recordValue(at - sent));
    }
    return all;
  }
}
