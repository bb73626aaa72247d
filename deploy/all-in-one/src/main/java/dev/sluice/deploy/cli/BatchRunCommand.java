package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice batch run`: hands a file of requests in, shows how far it is, and writes the results as
/// they come. The batch is Sluice's from its creation on: whoever stops this command loses nothing,
/// and the same command goes on where it was.
@Command(
    name = "run",
    description = {
      "Run the requests of IN, one JSON object a line: custom_id, method, url and body.",
      "Results come to OUT as they are done, answers and errors alike, in no order: custom_id says"
          + " which is which. Interrupted, the same command goes on; OUT"
          + BatchNotes.SUFFIX
          + " remembers the batch."
    })
final class BatchRunCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofSeconds(1);

  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;

  @Parameters(paramLabel = "IN", description = "Requests, JSON Lines.")
  private Path input;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT",
      required = true,
      description = "Results, JSON Lines.")
  private Path output = Path.of("");

  @Option(
      names = {"--endpoint"},
      paramLabel = "PATH",
      description = "Where every line goes (default: ${DEFAULT-VALUE}).")
  private String endpoint = "/v1/chat/completions";

  @Option(
      names = {"--window"},
      paramLabel = "TIME",
      description = "How long it may take, such as 30m or 24h (default: ${DEFAULT-VALUE}).")
  private String window = "24h";

  @Override
  public Integer call() {
    if (!Files.isReadable(input)) {
      throw new CommandFailure(ExitCode.USAGE, input + " cannot be read");
    }
    try (SluiceClient client = server.client()) {
      BatchNotes notes = BatchNotes.open(output, input);
      BatchStart start = new BatchStart(client, input, endpoint, window);
      String id = start.idOf(notes);
      BatchResults results = new BatchResults(client, notes, output);
      return follow(client, id, results).number();
    }
  }

  private ExitCode follow(SluiceClient client, String id, BatchResults results) {
    BatchMeter meter = new BatchMeter(spec.commandLine().getErr(), BatchMeter.onTerminal());
    Patience patience = new Patience(spec.commandLine().getErr());
    meter.begin(id);
    while (true) {
      Duration pause = POLL;
      try {
        JsonNode batch = client.get("v1/batches/" + id);
        results.take(batch);
        patience.answered();
        meter.show(batch, System.nanoTime());
        if (ended(batch)) {
          meter.end();
          return verdict(batch);
        }
      } catch (CommandFailure e) {
        meter.end();
        pause = patience.failed(e, System.nanoTime());
      }
      LockSupport.parkNanos(pause.toNanos());
    }
  }

  private static boolean ended(JsonNode batch) {
    return switch (batch.path("status").asString()) {
      case "completed", "failed", "expired", "cancelled" -> true;
      default -> false;
    };
  }

  private ExitCode verdict(JsonNode batch) {
    PrintWriter err = spec.commandLine().getErr();
    for (JsonNode problem : batch.path("errors").path("data")) {
      String line = problem.path("line").isNull() ? "" : ":" + problem.path("line").asString();
      err.println(
          "%s%s: %s: %s"
              .formatted(
                  input,
                  line,
                  problem.path("code").asString(),
                  problem.path("message").asString()));
    }
    err.flush();
    return switch (batch.path("status").asString()) {
      case "completed" ->
          batch.path("request_counts").path("failed").asInt() == 0
              ? ExitCode.DONE
              : ExitCode.FAILED;
      case "failed" -> ExitCode.USAGE;
      case "expired" -> ExitCode.TIMED_OUT;
      default -> ExitCode.FAILED;
    };
  }
}
