package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `sluice pause`: nothing new of it is released until it is resumed.
@Command(
    name = "pause",
    description = "Hold back jobs, a group, a tenant or a pool; what runs goes on.")
final class PauseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private ControlTargets targets;

  @Option(
      names = {"--note"},
      paramLabel = "TEXT",
      description = "What others should know about it.")
  private @Nullable String note;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode body = SluiceClient.JSON.createObjectNode();
    if (note != null) {
      body.put("note", note);
    }
    try (SluiceClient client = server.client()) {
      for (JsonNode answer : targets.post(client, "pause", body)) {
        if (output.json()) {
          OutputOption.print(out, answer);
        } else {
          out.println(ControlTargets.line(answer));
          out.flush();
        }
      }
    }
    return ExitCode.DONE.number();
  }
}
