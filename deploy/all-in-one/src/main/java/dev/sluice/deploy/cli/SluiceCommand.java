package dev.sluice.deploy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The command `sluice`, which only holds the others.
@Command(
    name = "sluice",
    description = "The AI gateway whose core is a durable log.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      UpCommand.class,
      KafkaCommand.class,
      CheckCommand.class,
      PlanCommand.class,
      ApplyCommand.class,
      SubmitCommand.class,
      GetCommand.class,
      WaitCommand.class,
      TailCommand.class,
      CancelCommand.class,
      ReprioritiseCommand.class,
      PauseCommand.class,
      ResumeCommand.class,
      DrainCommand.class,
      ControlsCommand.class,
      ExplainCommand.class,
      BatchCommand.class,
      CallbacksCommand.class,
      CostsCommand.class,
      CompareCommand.class,
      DlqCommand.class,
      KeysCommand.class,
      TopCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      RehearseCommand.class,
      CommandLine.HelpCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 the work failed, 2 wrong usage or configuration, 3 environment"
          + " missing,",
      "            4 not found, 5 refused, 6 timed out."
    })
final class SluiceCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "no command given; `sluice help` lists them");
  }
}
