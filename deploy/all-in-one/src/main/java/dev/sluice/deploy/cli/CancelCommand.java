package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice cancel`: what is not finished ends as cancelled.
@Command(name = "cancel", description = "Cancel jobs; finished ones stay as they are.")
final class CancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private JobIds ids;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      for (String id : ids.read()) {
        JsonNode job =
            client.post(
                "v1/jobs/" + id + "/cancel", SluiceClient.JSON.createObjectNode(), Map.of());
        if (output.json()) {
          OutputOption.print(out, job);
        } else {
          out.println(job.path("id").asString() + " " + JobAnswer.status(job));
          out.flush();
        }
      }
    }
    return ExitCode.DONE.number();
  }
}
