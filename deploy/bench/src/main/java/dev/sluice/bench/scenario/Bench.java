package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.Expectation;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.mock.MockAnswers;
import dev.sluice.bench.process.MockProcess;
import dev.sluice.bench.process.SluiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/// What all scenarios use: the mock, starts of Sluice, and the requests.
public final class Bench {
  /// Provider calls at once: far more than the load needs, so that the pool is not the limit.
  static final int CONCURRENCY = 512;

  private static final String QUESTION =
      "\"messages\":[{\"role\":\"system\",\"content\":\"You answer in one sentence.\"},"
          + "{\"role\":\"user\",\"content\":\""
          + "How much does a gateway add to an answer? ".repeat(4)
          + "\"}]";

  private final BenchOptions options;
  private final MockProcess mock;
  private final Consumer<String> progress;
  private int starts;

  public Bench(BenchOptions options, MockProcess mock, Consumer<String> progress) {
    this.options = options;
    this.mock = mock;
    this.progress = progress;
  }

  BenchOptions options() {
    return options;
  }

  MockProcess mock() {
    return mock;
  }

  void say(String line) {
    progress.accept(line);
  }

  /// A folder that no other start has used.
  Path newFolder() {
    starts++;
    return options.work().resolve("sluice-" + starts);
  }

  SluiceProcess start() throws IOException, InterruptedException {
    return start(newFolder());
  }

  SluiceProcess start(Path folder) throws IOException, InterruptedException {
    return start(options.launcher(), folder);
  }

  SluiceProcess start(Path launcher, Path folder) throws IOException, InterruptedException {
    SluiceProcess sluice = SluiceProcess.start(launcher, folder, mock.url(), CONCURRENCY);
    say("sluice is process %d, ready after %s".formatted(sluice.pid(), sluice.readyAfter()));
    return sluice;
  }

  /// One more ingress, alone in its process.
  ///
  /// @param folder of the Sluice whose broker it uses
  SluiceProcess ingress(SluiceProcess of, Path folder) throws IOException, InterruptedException {
    SluiceProcess ingress = of.ingress(options.launcher(), folder, newFolder());
    say("an ingress is process %d, ready after %s".formatted(ingress.pid(), ingress.readyAfter()));
    return ingress;
  }

  /// The ordinary waiting call.
  static Target chat(URI base, boolean stream) {
    return Target.post(
        base.resolve("/v1/chat/completions"),
        Map.of("Authorization", "Bearer " + SluiceProcess.KEY),
        "{\"model\":\"%s\",%s%s}"
            .formatted(SluiceProcess.MODEL, stream ? "\"stream\":true," : "", QUESTION),
        stream
            ? new Expectation(200, MockAnswers.EVENTS * 30, MockAnswers.EVENTS)
            : new Expectation(200, MockAnswers.PLAIN_BYTES * 3 / 4, 0));
  }

  /// A job that nobody waits for.
  static Target job(URI base) {
    return job(base, "");
  }

  /// A job whose end is told to a URL.
  static Target job(URI base, URI callback) {
    return job(base, "\"callback_url\":\"%s\",".formatted(callback));
  }

  private static Target job(URI base, String more) {
    return Target.post(
        base.resolve("/v1/jobs"),
        Map.of("Authorization", "Bearer " + SluiceProcess.KEY, "Prefer", "respond-async"),
        "{\"model\":\"%s\",%s%s}".formatted(SluiceProcess.MODEL, more, QUESTION),
        new Expectation(202, 100, 0));
  }

  /// Load that no figure counts: a JVM needs it before it is what it will be.
  void warmUp(Target target) throws IOException, InterruptedException {
    Schedule schedule = warmUp();
    say("warming up: %d requests".formatted(schedule.count()));
    OpenLoop.run(target, schedule, 64);
  }

  /// The highest rate asked for: what is compiled is what was called often enough.
  Schedule warmUp() {
    return new Schedule(options.rates().getLast(), options.warmUp());
  }
}
