package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `sluice resume`: what was held back takes its turn again.
@Command(name = "resume", description = "Let what was paused or drained go on.")
final class ResumeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private ControlTargets targets;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode body = SluiceClient.JSON.createObjectNode();

    try (SluiceClient client = server.client()) {
      for (JsonNode answer : targets.post(client, "resume", body)) {
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
