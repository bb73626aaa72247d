package dev.sluice.deploy.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `sluice tail`: follows one job from its start, or from an event on. A broken connection is taken
/// up again where it broke, since events are numbered.
@Command(name = "tail", description = "Follow one job: its words to stdout, its states to stderr.")
final class TailCommand implements Callable<Integer> {
  private static final int RECONNECTS = 10;

  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Parameters(paramLabel = "JOB", description = "Id of the job.")
  private String id;

  @Option(
      names = {"--after"},
      paramLabel = "N",
      description = "Only events after this number.")
  private @Nullable Long after;

  @Override
  public Integer call() {
    String lastId = after == null ? "" : Long.toString(after);
    try (SluiceClient client = server.client()) {
      for (int attempt = 0; ; attempt++) {
        Followed followed = follow(client, lastId);
        if (followed.end().isPresent()) {
          return followed.end().get().number();
        }
        if (attempt == RECONNECTS) {
          throw new CommandFailure(
              ExitCode.FAILED, "the stream of " + id + " broke " + RECONNECTS + " times");
        }
        lastId = followed.lastId();
      }
    }
  }

  private record Followed(String lastId, Optional<ExitCode> end) {}

  private Followed follow(SluiceClient client, String from) {
    String lastId = from;
    Map<String, String> headers = from.isEmpty() ? Map.of() : Map.of("last-event-id", from);
    try (EventStream events =
        new EventStream(client.events("v1/jobs/" + id + "/events", headers))) {
      for (Optional<EventStream.Event> next = events.next();
          next.isPresent();
          next = events.next()) {
        EventStream.Event event = next.get();
        lastId = event.id();
        show(event);
        String status = event.name().replaceFirst("^job\\.", "");
        if (JobAnswer.isTerminal(status)) {
          finishLine();
          return new Followed(lastId, Optional.of(JobAnswer.codeOf(status)));
        }
      }
    } catch (IOException e) {
      spec.commandLine().getErr().println("sluice: connection lost, continuing");
    }
    return new Followed(lastId, Optional.empty());
  }

  private void show(EventStream.Event event) {
    PrintWriter out = spec.commandLine().getOut();
    JsonNode data = SluiceClient.JSON.readTree(event.data());
    if (output.json()) {
      ObjectNode line = SluiceClient.JSON.createObjectNode();
      line.put("id", event.id()).put("event", event.name()).set("data", data);
      OutputOption.print(out, line);
    } else if (event.name().equals("job.delta")) {
      out.print(JobAnswer.deltaText(data));
      out.flush();
    } else {
      spec.commandLine().getErr().println("[" + event.name() + "]");
    }
  }

  private void finishLine() {
    if (!output.json()) {
      spec.commandLine().getOut().println();
      spec.commandLine().getOut().flush();
    }
  }
}
