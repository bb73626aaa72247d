package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice wait`: waits for jobs to end and prints their answers. The exit code is that of the
/// first job that did not succeed.
@Command(name = "wait", description = "Wait for jobs to end and print their answers.")
final class WaitCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;
  @Mixin private JobIds ids;

  @Option(
      names = {"--timeout"},
      paramLabel = "SECONDS",
      description = "Give up on a job after so long (default: never).")
  private @Nullable Long timeoutSeconds;

  @Override
  public Integer call() {
    ExitCode code = ExitCode.DONE;
    try (SluiceClient client = server.client()) {
      JobPoller poller =
          new JobPoller(client, Optional.ofNullable(timeoutSeconds).map(Duration::ofSeconds));
      for (String id : ids.read()) {
        ExitCode ended = show(poller.await(id));
        code = code == ExitCode.DONE ? ended : code;
      }
    }
    return code.number();
  }

  private ExitCode show(JsonNode job) {
    return show(job, output, spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  /// Prints an ended job: its answer to `out`, or why there is none to `err`.
  static ExitCode show(JsonNode job, OutputOption output, PrintWriter out, PrintWriter err) {
    String status = JobAnswer.status(job);
    if (output.json()) {
      OutputOption.print(out, job);
    } else if (job.hasNonNull("result")) {
      out.println(JobAnswer.text(job.path("result")));
      out.flush();
    } else {
      err.println(job.path("id").asString() + " " + status + " " + JobAnswer.failure(job));
    }
    return JobAnswer.codeOf(status);
  }
}
