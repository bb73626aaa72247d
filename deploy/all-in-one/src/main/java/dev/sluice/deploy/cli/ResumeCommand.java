package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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
    try (SluiceClient client = server.client()) {
      targets
          .post(client, "resume", SluiceClient.JSON.createObjectNode())
          .forEach(answer -> output.show(out, answer, ControlTargets::line));
    }
    return ExitCode.DONE.number();
  }
}
