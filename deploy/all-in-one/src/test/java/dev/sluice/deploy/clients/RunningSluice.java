package dev.sluice.deploy.clients;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.WholeSluice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// A whole Sluice in this process, with a configuration and one key.
final class RunningSluice implements AutoCloseable {
  static final String KEY = "sk-clients";

  /// What the vendors' SDKs are tried on: answers, an answer that does not end, a refusal and a
  /// stream that is cut.
  static final String SIMULATED =
      """
      server: {}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel]}]
      pools:
        - {id: quick, provider: simulated, concurrency: 16}
        - id: endless
          provider: simulated
          concurrency: 8
          simulation: {tokens_per_second: 20, output_tokens: 5000}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
        - {id: endless, routes: [{pool: endless, model: endless}]}
        - {id: refused, routes: [{pool: quick, model: simulated-error-400}]}
        - {id: cut, routes: [{pool: quick, model: simulated-error-cut}]}
      """;

  private final AllInOne sluice;
  private final String url;

  private RunningSluice(AllInOne sluice) {
    this.sluice = sluice;
    this.url = "http://" + sluice.start().http();
  }

  /// @param configuration YAML in which `${env:CI_KEY}` is the key
  static RunningSluice start(Path folder, String configuration) throws IOException {
    return new RunningSluice(WholeSluice.in(folder, configuration, Map.of("CI_KEY", KEY)));
  }

  String url() {
    return url;
  }

  @Override
  public void close() {
    sluice.close();
  }
}
