package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.load.FirstEvent;
import dev.sluice.bench.mock.MockAnswers;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/// How soon a long stream goes on for a caller who comes back.
public final class Resume implements Scenario {
  private static final int TRIES = 1_000;
  private static final Duration STREAM = Duration.ofSeconds(10);
  private static final Pattern RESPONSE = Pattern.compile("\"id\":\"resp_([0-9a-z]{26})\"");

  @Override
  public String question() {
    return "A background response is streamed to its end, its events spread over "
        + STREAM.toSeconds()
        + " s; then callers come back to it, one after the other, each on a connection of its own:"
        + " time from sending GET to having the whole first event after the one they name, whose"
        + " number is checked; then they hang up. RESPONSE is /v1/responses/{id}?stream=true with"
        + " starting_after, JOB is /v1/jobs/{id}/events with Last-Event-ID. They come back to the"
        + " first event, the middle, the last but ten, or any. After kill -9 the index of jobs is on"
        + " disk, and no record is in memory: first is the very first request of a new process, a"
        + " restart for each; then the same as before it.";
  }

  /// How a stream is asked for.
  private enum Surface {
    RESPONSE("\"sequence_number\":(\\d+)"),
    JOB("(?m)^id: (\\d+)$");

    final Pattern number;

    Surface(String number) {
      this.number = Pattern.compile(number);
    }

    byte[] request(String id, int after) {
      String head =
          this == RESPONSE
              ? "GET /v1/responses/resp_%s?stream=true&starting_after=%d HTTP/1.1\r\n"
                  .formatted(id, after)
              : "GET /v1/jobs/job_%s/events HTTP/1.1\r\nLast-Event-ID: %d\r\n".formatted(id, after);
      return (head + "Host: bench\r\nAuthorization: Bearer " + SluiceProcess.KEY + "\r\n\r\n")
          .getBytes(StandardCharsets.US_ASCII);
    }
  }

  /// What can be gone on with.
  ///
  /// @param id without its prefix
  private record Streamed(String id, int lastOfResponse, int lastOfJob) {
    int last(Surface surface) {
      return surface == Surface.RESPONSE ? lastOfResponse : lastOfJob;
    }
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    Path folder = bench.newFolder();
    SluiceProcess sluice = bench.start(folder);
    try {
      bench.warmUp(Bench.chat(sluice.http(), false));
      Streamed streamed = stream(bench, findings, sluice);
      double warm = 0;
      for (Surface surface : Surface.values()) {
        int last = streamed.last(surface);
        any(sluice, surface, streamed, new Histogram(3), TRIES);
        for (int after : new int[] {1, last / 2, last - 10}) {
          Histogram nanos = new Histogram(3);
          boolean right = true;
          for (int i = 0; i < TRIES; i++) {
            right &= once(sluice, surface, streamed.id(), after, nanos);
          }
          findings.require(right);
          row(bench, findings, surface, "warm", "event " + after, nanos);
        }
        Histogram nanos = new Histogram(3);
        findings.require(any(sluice, surface, streamed, nanos, TRIES));
        warm = Math.max(warm, row(bench, findings, surface, "warm", "any", nanos).p99());
      }
      double first = 0;
      for (Surface surface : Surface.values()) {
        Histogram firsts = new Histogram(3);
        for (int i = 0; i < bench.options().rounds(); i++) {
          sluice.kill();
          sluice = bench.start(folder);
          findings.require(any(sluice, surface, streamed, firsts, 1));
        }
        first =
            Math.max(
                first, row(bench, findings, surface, "first after kill -9", "any", firsts).max());
        Histogram nanos = new Histogram(3);
        findings.require(any(sluice, surface, streamed, nanos, TRIES));
        row(bench, findings, surface, "after kill -9", "any", nanos);
      }
      findings.headline(
          String.format(
              Locale.ROOT,
              "a stream of %,d events goes on after %.1f ms (p99), the first one after kill -9"
                  + " after %.0f ms at most",
              bench.options().events(),
              warm,
              first));
    } finally {
      sluice.terminate();
    }
    return findings;
  }

  private static Streamed stream(Bench bench, Findings findings, SluiceProcess sluice)
      throws IOException, InterruptedException {
    JobClient jobs = new JobClient(sluice.http());
    int events = bench.options().events();
    bench.mock().stream(events, STREAM);
    String response = jobs.backgroundStream();
    bench.mock().stream(MockAnswers.EVENTS, Duration.ZERO);
    Matcher id = RESPONSE.matcher(response);
    if (!id.find()) {
      throw new IOException("no response: " + response);
    }
    int lastOfResponse = last(Surface.RESPONSE, response);
    int lastOfJob = last(Surface.JOB, jobs.events("job_" + id.group(1)));
    findings.require(
        response.contains("event: response.completed")
            && lastOfResponse >= events
            && lastOfJob >= events);
    return new Streamed(id.group(1), lastOfResponse, lastOfJob);
  }

  /// The number of a stream's last event.
  private static int last(Surface surface, String stream) {
    return surface
        .number
        .matcher(stream)
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .max()
        .orElse(0);
  }

  private static boolean any(
      SluiceProcess sluice, Surface surface, Streamed streamed, Histogram nanos, int tries)
      throws IOException {
    boolean right = true;
    for (int i = 0; i < tries; i++) {
      int after = ThreadLocalRandom.current().nextInt(1, streamed.last(surface));
      right &= once(sluice, surface, streamed.id(), after, nanos);
    }
    return right;
  }

  private static boolean once(
      SluiceProcess sluice, Surface surface, String id, int after, Histogram nanos)
      throws IOException {
    OptionalLong took =
        FirstEvent.nanos(sluice.http(), surface.request(id, after), surface.number, after + 1L);
    took.ifPresent(nanos::recordValue);
    return took.isPresent();
  }

  private static Percentiles row(
      Bench bench, Findings findings, Surface surface, String when, String from, Histogram nanos) {
    Percentiles millis = Percentiles.ofNanos(nanos);
    Row row =
        new Row()
            .with("stream", surface.name())
            .with("when", when)
            .with("back to", from)
            .with("first event", millis);
    findings.row(row);
    bench.say(row.values().toString());
    return millis;
  }
}
