package dev.sluice.deploy.cli;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Gives an option that was not typed the value of its variable: `--upstream-key` that of
/// `SLUICE_UPSTREAM_KEY`.
record EnvironmentDefaults(Map<String, String> environment) implements IDefaultValueProvider {

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)
        || option.arity().max() == 0
        || isReadByLoader(option)) {
      return null;
    }
    String value = environment.get(variable(option.longestName()));
    return value == null || value.isEmpty() ? null : value;
  }

  /// The configuration loader reads these variables itself, and tells them from what was typed.
  private static boolean isReadByLoader(OptionSpec option) {
    return option.command().userObject() instanceof UpCommand
        && UpCommand.SERVER_OPTIONS.contains(option.longestName());
  }

  static String variable(String optionName) {
    String bare = optionName.replaceFirst("^-+", "");
    return "SLUICE_" + bare.replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
