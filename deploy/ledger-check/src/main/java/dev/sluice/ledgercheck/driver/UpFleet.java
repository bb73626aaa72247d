package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.LiveTarget;
import dev.sluice.ledgercheck.client.Pause;
import dev.sluice.ledgercheck.core.Disturbance;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// `sluice up`: everything in one process, broker included.
final class UpFleet implements Fleet {
  /// The first start may have to build the distribution.
  private static final Duration START = Duration.ofMinutes(4);

  /// One start in four is killed before it serves, in the middle of its recovery.
  private static final double KILLED_IN_START = 0.25;

  private final List<String> command;
  private final Path log;
  private final LiveTarget target;
  private @Nullable ManagedProcess process;
  private @Nullable ReadyLine ready;

  UpFleet(Path sluice, Path folder, Path config, LiveTarget target) {
    this.log = folder.resolve("sluice.log");
    this.target = target;
    command =
        List.of(
            sluice.toString(),
            "up",
            "--port",
            "0",
            "--kafka-port",
            "0",
            "--admin-port",
            "0",
            "--data",
            folder.resolve("data").toString(),
            "-c",
            config.toString());
  }

  @Override
  public void start() throws IOException, InterruptedException {
    ManagedProcess started = launch();
    ReadyLine line =
        started
            .awaitFirstLine(START)
            .flatMap(ReadyLine::parse)
            .orElseThrow(() ->
                new IOException(
                    "`%s` printed no ready line; its log is %s"
                        .formatted(String.join(" ", command), log)));
    ready = line;
    target.comesUp(line.http());
  }

  private ManagedProcess launch() throws IOException {
    ManagedProcess started = ManagedProcess.start(command, SluiceConfig.ENVIRONMENT, log);
    process = started;
    return started;
  }

  @Override
  public List<Disturbance> disturb(SplittableRandom random)
      throws IOException, InterruptedException {
    List<Disturbance> done = new ArrayList<>();
    Instant at = kill();
    if (random.nextDouble() < KILLED_IN_START) {
      ManagedProcess doomed = launch();
      Optional<String> served =
          doomed.awaitFirstLine(Duration.ofMillis(500 + random.nextInt(3000)));
      Instant again = kill();
      done.add(disturbance(at, served.isEmpty() ? again : at));
      at = again;
    }
    Pause.of(Duration.ofMillis(random.nextInt(300)));
    start();
    done.add(disturbance(at, Instant.now()));
    return done;
  }

  @Override
  public Disturbance restart() throws IOException, InterruptedException {
    Instant at = kill();
    start();
    return disturbance(at, Instant.now());
  }

  private static Disturbance disturbance(Instant at, Instant until) {
    return new Disturbance(Disturbance.Kind.KILL, "all", at, until);
  }

  private Instant kill() {
    target.goesDown();
    Instant at = Instant.now();
    if (process != null) {
      process.kill();
    }
    return at;
  }

  @Override
  public String kafka() {
    return readyLine().kafka();
  }

  @Override
  public URI registry() {
    return readyLine().admin();
  }

  private ReadyLine readyLine() {
    if (ready == null) {
      throw new IllegalStateException("nothing is started");
    }
    return ready;
  }

  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
  }
}
