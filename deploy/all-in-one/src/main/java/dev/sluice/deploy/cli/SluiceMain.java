package dev.sluice.deploy.cli;

import dev.sluice.deploy.ServiceKind;
import dev.sluice.deploy.StartFailure;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/// The program `sluice`: runs one command and turns what comes of it into an exit code. Failures
/// that a person can mend are one line; others show their stack trace, since they are our bugs.
public final class SluiceMain {
  private SluiceMain() {}

  public static void main(String[] arguments) {
    int code = commandLine(System.getenv()).execute(arguments);
    if (code != ExitCode.DONE.number()) {
      System.exit(code);
    }
  }

  static CommandLine commandLine(Map<String, String> environment) {
    CommandLine line = new CommandLine(new SluiceCommand());
    for (ServiceKind kind : ServiceKind.values()) {
      ServiceCommand command = new ServiceCommand(kind);
      line.addSubcommand(command.name(), command);
    }
    line.setDefaultValueProvider(new EnvironmentDefaults(environment));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(SluiceMain::explainUsage);
    line.setExecutionExceptionHandler(SluiceMain::explainFailure);
    return line;
  }

  private static int explainUsage(CommandLine.ParameterException failure, String[] arguments) {
    PrintWriter err = failure.getCommandLine().getErr();
    err.println("sluice: " + failure.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("usage: " + failure.getCommandLine().getHelp().synopsis(0).strip());
    return ExitCode.USAGE.number();
  }

  private static int explainFailure(Exception failure, CommandLine line, ParseResult parsed) {
    return switch (failure) {
      case CommandFailure known -> {
        line.getErr().println("sluice: " + known.getMessage());
        yield known.code().number();
      }
      case StartFailure known -> {
        line.getErr().println("sluice: " + known.getMessage());
        yield ExitCode.ENVIRONMENT.number();
      }
      default -> {
        line.getErr().println("sluice: unexpected failure, please report it");
        failure.printStackTrace(line.getErr());
        yield ExitCode.FAILED.number();
      }
    };
  }
}
