package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice callbacks`: what became of callbacks, and having one again.
@Command(
    name = "callbacks",
    description = "Show the callbacks of jobs, or deliver them again.",
    synopsisSubcommandLabel = "COMMAND")
final class CallbacksCommand implements Runnable {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "no command given; `sluice help callbacks` lists them");
  }

  @Command(name = "list", description = "Deliveries of jobs, from their first attempt on.")
  int list(@Parameters(paramLabel = "JOB", arity = "1..*") List<String> jobs) {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      for (String job : jobs) {
        deliveries(client, job).forEach(delivery -> print(out, delivery));
      }
    }
    return ExitCode.DONE.number();
  }

  @Command(
      name = "redeliver",
      description = "Begin deliveries again, with the same ids; of a job, all that failed.")
  int redeliver(@Parameters(paramLabel = "DELIVERY|JOB", arity = "1..*") List<String> ids) {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      for (String id : ids) {
        for (String delivery : named(client, id)) {
          JsonNode begun =
              client.post(
                  "v1/callback_deliveries/" + delivery + "/redeliver",
                  SluiceClient.JSON.createObjectNode(),
                  Map.of());
          print(out, begun);
        }
      }
    }
    return ExitCode.DONE.number();
  }

  private static List<String> named(SluiceClient client, String id) {
    if (id.startsWith("del_")) {
      return List.of(id);
    }
    return deliveries(client, id).stream()
        .filter(delivery -> !delivery.path("status").asString("").equals("delivered"))
        .map(delivery -> delivery.path("id").asString(""))
        .toList();
  }

  private static List<JsonNode> deliveries(SluiceClient client, String job) {
    List<JsonNode> all = new ArrayList<>();
    client.get("v1/jobs/" + job + "/deliveries").path("data").forEach(all::add);
    return all;
  }

  private void print(PrintWriter out, JsonNode delivery) {
    if (output.json()) {
      OutputOption.print(out, delivery);
      return;
    }
    String last =
        delivery.hasNonNull("last_status_code")
            ? delivery.path("last_status_code").asString()
            : delivery.path("last_error").asString("");
    out.printf(
        "%s %s %s attempts=%d last=%s%n",
        delivery.path("id").asString(),
        delivery.path("type").asString(),
        delivery.path("status").asString(),
        delivery.path("attempts").asInt(),
        last);
    out.flush();
  }
}
