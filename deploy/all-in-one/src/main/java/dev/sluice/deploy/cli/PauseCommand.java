package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `sluice pause`: nothing new of it is released until it is resumed.
@Command(
    name = "pause",
    description = "Hold back jobs, a group, a tenant or a pool; what runs goes on.")
final class PauseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private NoteOption note;
  @Mixin private ControlTargets targets;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      targets
          .post(client, "pause", note.body())
          .forEach(answer -> output.show(out, answer, ControlTargets::line));
    }
    return ExitCode.DONE.number();
  }
}
