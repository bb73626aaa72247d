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
import tools.jackson.databind.node.ObjectNode;

/// `sluice reprioritise`: another class or deadline for what waits.
@Command(
    name = "reprioritise",
    description = "Give jobs that wait another class or deadline; their age goes with them.")
final class ReprioritiseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private JobIds ids;

  @Option(
      names = {"--group"},
      paramLabel = "GROUP",
      description = "All jobs of this group that wait now.")
  private @Nullable String group;

  @Option(
      names = {"--priority"},
      paramLabel = "CLASS",
      description = "interactive, standard or batch.")
  private @Nullable String priority;

  @Option(
      names = {"--deadline"},
      paramLabel = "WHEN",
      description = "A duration from now such as PT2H, or an instant.")
  private @Nullable String deadline;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode urgency = urgency();
    try (SluiceClient client = server.client()) {
      if (group != null) {
        group(client, group, urgency, out);
        return ExitCode.DONE.number();
      }
      for (String id : ids.read()) {
        JsonNode job = client.post("v1/jobs/" + id + "/reprioritise", urgency, Map.of());
        output.show(out, job, ReprioritiseCommand::line);
      }
    }
    return ExitCode.DONE.number();
  }

  private static String line(JsonNode job) {
    return "%s %s %s %s"
        .formatted(
            job.path("id").asString(),
            JobAnswer.status(job),
            job.path("priority").asString(),
            job.path("deadline").asString(""));
  }

  private void group(SluiceClient client, String name, ObjectNode urgency, PrintWriter out) {
    String path = "v1/groups/" + ControlTargets.segment(name) + "/reprioritise";
    JsonNode answer = client.post(path, urgency, Map.of());
    output.show(out, answer, _ -> "group " + name + " accepted");
  }

  private ObjectNode urgency() {
    if (priority == null && deadline == null) {
      throw new CommandFailure(ExitCode.USAGE, "give --priority, --deadline or both");
    }
    ObjectNode urgency = SluiceClient.JSON.createObjectNode();
    if (priority != null) {
      urgency.put("priority", priority);
    }
    if (deadline != null) {
      urgency.put("deadline", deadline);
    }
    return urgency;
  }
}
