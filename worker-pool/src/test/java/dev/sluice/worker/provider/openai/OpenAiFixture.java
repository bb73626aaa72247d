package dev.sluice.worker.provider.openai;

import dev.sluice.contract.model.Policy;
import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.Provider;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Providers over mock upstreams, closed together.
final class OpenAiFixture implements AutoCloseable {
  static final int MAX_ANSWER_BYTES = 1024 * 1024;

  private final Watchdog watchdog = new Watchdog();
  private final List<MockUpstream> upstreams = new ArrayList<>();

  static Policy.Timeouts timeouts(Duration firstToken, Duration idle, Duration total) {
    return new Policy.Timeouts(
        Duration.ofSeconds(10), Duration.ofSeconds(1), firstToken, idle, total);
  }

  static Policy.Timeouts patient() {
    return timeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  MockUpstream upstream(MockUpstream.Script script) throws IOException {
    MockUpstream upstream = new MockUpstream(script);
    upstreams.add(upstream);
    return upstream;
  }

  Provider provider(MockUpstream upstream, Policy.Timeouts timeouts) {
    return provider(upstream.url(), timeouts, Optional.empty());
  }

  Provider provider(URI url, Policy.Timeouts timeouts, Optional<Supplier<String>> key) {
    Policy.Pool pool =
        new Policy.Pool(
            "mock",
            Policy.ProviderKind.OPENAI_COMPATIBLE,
            List.of(new Policy.Endpoint(url, 1)),
            Optional.empty(),
            4,
            timeouts,
            Set.of("chat"),
            Policy.Simulation.DEFAULT);
    return new OpenAiProvider(
        new OpenAiProvider.Settings(pool, key, MAX_ANSWER_BYTES), watchdog, Clock.systemUTC());
  }

  @Override
  public void close() throws IOException {
    for (MockUpstream upstream : upstreams) {
      upstream.close();
    }
    watchdog.close();
  }
}
