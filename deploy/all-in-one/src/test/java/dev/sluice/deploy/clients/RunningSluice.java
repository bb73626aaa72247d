package dev.sluice.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.deploy.AllInOne;
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

/// A whole Sluice in this process, with a configuration and one key.
final class RunningSluice implements AutoCloseable {
  static final String KEY = "sk-clients";

  private final AllInOne sluice;
  private final String url;

  private RunningSluice(AllInOne sluice) {
    this.sluice = sluice;
    this.url = "http://" + sluice.start().http();
  }

  /// @param configuration YAML in which `${env:CI_KEY}` is the key
  static RunningSluice start(Path folder, String configuration) throws IOException {
    Path file = Files.writeString(folder.resolve("sluice.yaml"), configuration);
    SecretSource secrets = SecretSource.of(Map.of("CI_KEY", KEY));
    Map<String, String> options =
        Map.of(
            "data", folder.resolve("data").toString(),
            "port", "0",
            "kafka_port", "0",
            "admin_port", "0");
    ConfigOutcome outcome =
        ConfigLoader.load(
            new ConfigInput(Optional.of(file), Map.of(), options, secrets, ConfigInput.Demand.ALL));
    Configuration loaded =
        assertInstanceOf(ConfigOutcome.Loaded.class, outcome, outcome::toString).configuration();
    return new RunningSluice(
        new AllInOne(loaded.server(), loaded.policy(), secrets, Optional.empty()));
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    sluice.close();
  }
}
