package dev.sluice.deploy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `sluice dlq`: records that no service could use.
@Command(
    name = "dlq",
    description = "Look at records that could not be used, and write them again.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DlqListCommand.class,
      DlqShowCommand.class,
      DlqRedriveCommand.class,
      CommandLine.HelpCommand.class
    })
final class DlqCommand {}
