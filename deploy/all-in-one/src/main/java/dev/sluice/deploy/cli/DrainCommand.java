package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.Map;
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

/// `sluice drain`: a pool gets nothing new, and what waits for it goes elsewhere where it can.
@Command(
    name = "drain",
    description =
        "Send jobs around a pool; what runs there ends. `sluice resume --pool` undoes it.")
final class DrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Parameters(paramLabel = "POOL", description = "Id of the pool.")
  private String pool;

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
      String path = "v1/pools/" + ControlTargets.segment(pool) + "/drain";
      JsonNode answer = client.post(path, body, Map.of());
      if (output.json()) {
        OutputOption.print(out, answer);
      } else {
        out.println(ControlTargets.line(answer));
        out.flush();
      }
    }
    return ExitCode.DONE.number();
  }
}
