package dev.sluice.deploy.cli;

import dev.sluice.contract.model.Policy;
import dev.sluice.runtime.policy.PolicyChange;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice plan`: what `sluice apply` of the same file would change on a running cluster. Changes
/// nothing.
@Command(
    name = "plan",
    description = "Show what applying a file would change on a running cluster.")
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "Configuration file; its `server.kafka` says where to look.")
  private Path file = Path.of("");

  private record Plan(long version, List<PolicyChange> changes) {}

  @Override
  public Integer call() {
    Plan plan =
        RunningPolicy.with(
            file,
            spec,
            (configuration, publisher) -> {
              Policy inForce = publisher.inForce();
              return new Plan(
                  inForce.version(), PolicyChange.between(inForce, configuration.policy()));
            });
    PrintWriter out = spec.commandLine().getOut();
    plan.changes().forEach(out::println);
    out.println(
        plan.changes().isEmpty()
            ? "nothing to change: policy version " + plan.version() + " says the same"
            : "%d to change in policy version %d; sluice apply -c %s puts them in force"
                .formatted(plan.changes().size(), plan.version(), file));
    out.flush();
    return ExitCode.DONE.number();
  }
}
