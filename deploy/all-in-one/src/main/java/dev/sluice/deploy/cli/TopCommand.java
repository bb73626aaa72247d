package dev.sluice.deploy.cli;

import dev.sluice.deploy.cli.top.Reading;
import dev.sluice.deploy.cli.top.Screen;
import dev.sluice.deploy.cli.top.Snapshot;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `sluice top`: what waits, runs, fails and costs, each second anew.
@Command(
    name = "top",
    description = "Watch what waits, runs, fails and costs; rates are of the last second.")
final class TopCommand implements Callable<Integer> {
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  @Spec private CommandSpec spec;
  @Mixin private OutputOption output;

  @Option(
      names = {"--admin"},
      paramLabel = "URL",
      split = ",",
      description =
          "Admin port (SLUICE_ADMIN, default: http://127.0.0.1:9090); several for split processes.")
  private List<URI> admins = List.of(URI.create("http://127.0.0.1:9090"));

  @Option(
      names = {"--key"},
      paramLabel = "KEY",
      description =
          "API key with the scope admin, where the admin port is not on loopback"
              + " (SLUICE_KEY).")
  private @Nullable String key;

  @Option(
      names = {"--once"},
      description = "Print one reading and end, as without a terminal.")
  private boolean once;

  @Override
  public Integer call() throws InterruptedException {
    MetricsClient client = new MetricsClient(admins, Optional.ofNullable(key));
    MetricsClient.Answer first = client.read();
    if (first.nothing()) {
      client.close();
      throw first.failures().getFirst();
    }
    PrintWriter out = spec.commandLine().getOut();
    if (!once && !output.json() && Terminal.interactive()) {
      return Foreground.run(new Live(client, first, out));
    }
    try (client) {
      LockSupport.parkNanos(REFRESH_NANOS);
      print(first, client.read(), out);
    }
    return ExitCode.DONE.number();
  }

  private void print(MetricsClient.Answer first, MetricsClient.Answer second, PrintWriter out) {
    if (second.nothing()) {
      throw second.failures().getFirst();
    }
    Reading reading = reading(first, second);
    if (output.json()) {
      OutputOption.print(out, json(reading, second));
      return;
    }
    lines(reading, second).forEach(out::println);
    out.flush();
  }

  private static Reading reading(MetricsClient.Answer before, MetricsClient.Answer after) {
    double seconds = Math.max(1e-3, (after.nanos() - before.nanos()) / 1e9);
    return Reading.between(Snapshot.of(before.samples()), Snapshot.of(after.samples()), seconds);
  }

  private static List<String> lines(Reading reading, MetricsClient.Answer answer) {
    String title =
        "sluice top   " + LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
    return Screen.lines(
        title,
        reading,
        answer.failures().stream().map(one -> String.valueOf(one.getMessage())).toList());
  }

  private static ObjectNode json(Reading reading, MetricsClient.Answer answer) {
    ObjectNode json = JSON.valueToTree(reading);
    json.put("at", Instant.now().toString());
    answer.failures().forEach(one -> json.withArray("failures").add(one.getMessage()));
    return json;
  }

  /// The live view: drawn over itself line by line, on a screen of its own, so that nothing
  /// flickers and what stood on the terminal is there again afterwards.
  private static final class Live implements Foreground.Running {
    private static final String ENTER = "\033[?1049h\033[?25l\033[2J";
    private static final String LEAVE = "\033[?25h\033[?1049l";

    private final MetricsClient client;
    private final PrintWriter out;
    private MetricsClient.Answer before;
    private volatile boolean closed;

    Live(MetricsClient client, MetricsClient.Answer first, PrintWriter out) {
      this.client = client;
      this.before = first;
      this.out = out;
    }

    @Override
    public void start() {
      write(ENTER);
      try {
        while (!closed) {
          LockSupport.parkNanos(REFRESH_NANOS);
          MetricsClient.Answer now = client.read();
          draw(lines(reading(before, now), now));
          before = now;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void draw(List<String> lines) {
      StringBuilder frame = new StringBuilder("\033[H");
      lines.forEach(line -> frame.append(line).append("\033[K\r\n"));
      write(frame.append("\033[J").toString());
    }

    private synchronized void write(String text) {
      if (!closed) {
        out.print(text);
        out.flush();
      }
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        write(LEAVE);
        closed = true;
      }
    }
  }
}
