package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `sluice explain`: the life of one job, and why it went as it did. With `-o json` one object of
/// the job and its events, without the parts of the answer.
@Command(name = "explain", description = "Tell the life of one job, and why it went that way.")
final class ExplainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Parameters(paramLabel = "JOB", description = "Id of the job.")
  private String id;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      List<JobHistory.Told> events = JobHistory.read(client, id);
      JsonNode job = client.get("v1/jobs/" + id);
      if (output.json()) {
        OutputOption.print(out, json(job, events));
      } else {
        new JobStory(job, events).print(out);
      }
    }
    return ExitCode.DONE.number();
  }

  private static ObjectNode json(JsonNode job, List<JobHistory.Told> events) {
    ObjectNode whole = SluiceClient.JSON.createObjectNode();
    whole.set("job", job);
    ArrayNode told = whole.putArray("events");
    for (JobHistory.Told event : events) {
      told.addObject().put("id", event.id()).put("event", event.name()).set("data", event.data());
    }
    return whole;
  }
}
