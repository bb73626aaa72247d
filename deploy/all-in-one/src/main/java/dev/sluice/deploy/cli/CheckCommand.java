package dev.sluice.deploy.cli;

import dev.sluice.runtime.config.ConfigCheck;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice check`: everything that is wrong with a configuration file, without starting anything.
@Command(name = "check", description = "Check a configuration file and report every problem.")
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "Configuration file.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    ConfigCheck.Report report = ConfigCheck.check(file);
    PrintWriter out = spec.commandLine().getOut();
    report.problems().forEach(out::println);
    report.notes().forEach(note -> out.println("note: " + note));
    if (report.good()) {
      out.println(file + ": good");
    }
    out.flush();
    return (report.good() ? ExitCode.DONE : ExitCode.USAGE).number();
  }
}
