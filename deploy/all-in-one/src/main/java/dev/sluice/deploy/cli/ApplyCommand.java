package dev.sluice.deploy.cli;

import dev.sluice.runtime.policy.PublishOutcome;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice apply`: puts the policy part of a file in force on a running cluster, and is how a
/// cluster of single services gets its first one.
@Command(name = "apply", description = "Publish the policy part of a file to a running cluster.")
final class ApplyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "Configuration file; its `server.kafka` says where to publish.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    PublishOutcome outcome =
        RunningPolicy.with(
            file, spec, (configuration, publisher) -> publisher.apply(configuration.policy()));
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        switch (outcome) {
          case PublishOutcome.Published published ->
              "policy version " + published.version() + " is in force";
          case PublishOutcome.Unchanged same ->
              "policy version " + same.version() + " is in force already";
          case PublishOutcome.KeptApplied kept ->
              "policy version " + kept.version() + " stays in force";
        });
    out.flush();
    return ExitCode.DONE.number();
  }
}
