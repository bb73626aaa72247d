package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice controls`: what is held back, since when, by whom and why.
@Command(name = "controls", description = "List what is paused or drained.")
final class ControlsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      JsonNode all = client.get("v1/controls");
      if (output.json()) {
        OutputOption.print(out, all);
      } else {
        all.path("data").forEach(one -> out.println(ControlTargets.line(one)));
        out.flush();
      }
    }
    return ExitCode.DONE.number();
  }
}
