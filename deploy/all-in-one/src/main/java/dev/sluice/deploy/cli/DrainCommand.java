package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice drain`: a pool gets nothing new, and what waits for it goes elsewhere where it can.
@Command(
    name = "drain",
    description =
        "Send jobs around a pool; what runs there ends. `sluice resume --pool` undoes it.")
final class DrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private NoteOption note;

  @Parameters(paramLabel = "POOL", description = "Id of the pool.")
  private String pool;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      String path = "v1/pools/" + ControlTargets.segment(pool) + "/drain";
      output.show(out, client.post(path, note.body(), Map.of()), ControlTargets::line);
    }
    return ExitCode.DONE.number();
  }
}
