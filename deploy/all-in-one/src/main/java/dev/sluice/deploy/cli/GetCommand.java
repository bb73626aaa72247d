package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice get`: jobs as they stand.
@Command(name = "get", description = "Show jobs as they stand.")
final class GetCommand implements Callable<Integer> {
  private static final String[] SHOWN = {
    "id", "status", "model", "priority", "created_at", "started_at", "finished_at", "expires_at"
  };

  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private JobIds ids;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      for (String id : ids.read()) {
        JsonNode job = client.get("v1/jobs/" + id);
        if (output.json()) {
          OutputOption.print(out, job);
        } else {
          printText(out, job);
        }
      }
    }
    return ExitCode.DONE.number();
  }

  private static void printText(PrintWriter out, JsonNode job) {
    for (String field : SHOWN) {
      if (job.hasNonNull(field)) {
        out.printf("%-12s %s%n", field, job.path(field).asString());
      }
    }
    if (job.path("cost").hasNonNull("charged_usd")) {
      out.printf("%-12s %s USD%n", "charged", job.path("cost").path("charged_usd").asString());
    }
    if (job.hasNonNull("error")) {
      out.printf("%-12s %s%n", "error", JobAnswer.failure(job));
    }
    if (job.hasNonNull("result")) {
      out.printf("%n%s%n", JobAnswer.text(job.path("result")));
    }
    out.flush();
  }
}
