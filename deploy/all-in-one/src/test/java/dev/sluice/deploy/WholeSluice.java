package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.runtime.config.ConfigInput;
import dev.sluice.runtime.config.ConfigLoader;
import dev.sluice.runtime.config.ConfigOutcome;
import dev.sluice.runtime.config.Configuration;
import dev.sluice.runtime.config.SecretSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A whole Sluice for this JVM, from a configuration as users write it.
public final class WholeSluice {
  private WholeSluice() {}

  /// Not started yet. Another of the same folder goes on with its data.
  ///
  /// @param folder for its data and its file
  /// @param configuration YAML; ports are free ones
  /// @param secrets what `${env:NAME}` stands for
  public static AllInOne in(Path folder, String configuration, Map<String, String> secrets)
      throws IOException {
    Path file = Files.writeString(folder.resolve("sluice.yaml"), configuration);
    SecretSource source = SecretSource.of(secrets);
    Map<String, String> options =
        Map.of(
            "data", folder.resolve("data").toString(),
            "port", "0",
            "kafka_port", "0",
            "admin_port", "0");
    ConfigOutcome outcome =
        ConfigLoader.load(
            new ConfigInput(Optional.of(file), Map.of(), options, source, ConfigInput.Demand.ALL));
    Configuration loaded =
        assertInstanceOf(ConfigOutcome.Loaded.class, outcome, outcome::toString).configuration();
    return new AllInOne(loaded.server(), loaded.policy(), source, Optional.empty());
  }
}
