package dev.sluice.deploy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `sluice keys`: API keys that come and go without a change of the policy.
@Command(
    name = "keys",
    description = "Issue, revoke and list API keys.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      KeysCreateCommand.class,
      KeysRevokeCommand.class,
      KeysListCommand.class,
      CommandLine.HelpCommand.class
    })
final class KeysCommand {}
