package dev.sluice.deploy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `sluice batch`, which only holds the commands about batches.
@Command(
    name = "batch",
    description = "Whole batches of requests.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BatchRunCommand.class})
final class BatchCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "no command given; there is `sluice batch run`");
  }
}
