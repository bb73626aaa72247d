package dev.sluice.deploy.cli;

import dev.sluice.runtime.config.ConfigInput;
import dev.sluice.runtime.config.ConfigInput.Demand;
import dev.sluice.runtime.config.ConfigLoader;
import dev.sluice.runtime.config.ConfigOutcome;
import dev.sluice.runtime.config.Configuration;
import dev.sluice.runtime.config.Problem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;

/// Reads the configuration for a command, and ends the command with every problem that it has.
final class ConfigSource {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigSource.class);

  private ConfigSource() {}

  static Configuration load(
      Optional<Path> file, Map<String, String> options, Demand demand, CommandSpec spec) {
    return switch (ConfigLoader.load(ConfigInput.of(file, options, demand))) {
      case ConfigOutcome.Loaded(Configuration good) -> {
        good.effective().stream()
            .filter(value -> !value.origin().equals("default"))
            .forEach(value -> LOG.atInfo().addKeyValue("value", value).log("configured"));
        good.notes().forEach(note -> LOG.atWarn().log(note.toString()));
        yield good;
      }
      case ConfigOutcome.Rejected(List<Problem> problems, List<Problem> _) -> {
        PrintWriter err = spec.commandLine().getErr();
        problems.forEach(err::println);
        throw new CommandFailure(
            ExitCode.USAGE, "configuration refused: " + problems.size() + " problem(s), see above");
      }
    };
  }
}
