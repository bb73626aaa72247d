package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice cancel`: what is not finished ends as cancelled.
@Command(name = "cancel", description = "Cancel jobs; finished ones stay as they are.")
final class CancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private JobIds ids;

  @Option(
      names = {"--group"},
      paramLabel = "GROUP",
      description = "All jobs of this group that have not ended.")
  private @Nullable String group;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      if (group != null) {
        group(client, group, out);
        return ExitCode.DONE.number();
      }
      for (String id : ids.read()) {
        JsonNode job =
            client.post(
                "v1/jobs/" + id + "/cancel", SluiceClient.JSON.createObjectNode(), Map.of());
        output.show(out, job, each -> each.path("id").asString() + " " + JobAnswer.status(each));
      }
    }
    return ExitCode.DONE.number();
  }

  private void group(SluiceClient client, String name, PrintWriter out) {
    JsonNode answer =
        client.post(
            "v1/groups/" + ControlTargets.segment(name) + "/cancel",
            SluiceClient.JSON.createObjectNode(),
            Map.of());
    output.show(out, answer, _ -> "group " + name + " accepted");
  }
}
