package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice completion`: a script by which a shell completes commands, options and their values.
@Command(
    name = "completion",
    description = "Print a completion script: source <(sluice completion bash)")
final class CompletionCommand implements Callable<Integer> {
  /// Both read the same script, which asks which of them it is in.
  enum Shell {
    BASH,
    ZSH
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (shell) {
          case BASH, ZSH -> AutoComplete.bash("sluice", spec.root().commandLine());
        });
    out.flush();
    return ExitCode.DONE.number();
  }
}
