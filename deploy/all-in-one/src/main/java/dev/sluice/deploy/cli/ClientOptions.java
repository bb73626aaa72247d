package dev.sluice.deploy.cli;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a running Sluice is and who asks; the same for every command that talks to one.
final class ClientOptions {
  @Option(
      names = {"--url"},
      paramLabel = "URL",
      description = "Address of Sluice (SLUICE_URL, default: http://127.0.0.1:8080).")
  private @Nullable URI url;

  @Option(
      names = {"--key"},
      paramLabel = "KEY",
      description = "API key (SLUICE_KEY, default: the demo key).")
  private String key = "sk-sluice-demo";

  SluiceClient client() {
    return client(URI.create("http://127.0.0.1:8080"));
  }

  /// @param usual where it is unless an address was given
  SluiceClient client(URI usual) {
    return new SluiceClient(url == null ? usual : url, key);
  }

  String key() {
    return key;
  }
}
