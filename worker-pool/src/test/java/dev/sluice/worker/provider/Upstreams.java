package dev.sluice.worker.provider;

import dev.sluice.contract.model.Policy;
import dev.sluice.worker.exchange.Upstream;
import dev.sluice.worker.exchange.Watchdog;
import dev.sluice.worker.provider.anthropic.AnthropicProvider;
import dev.sluice.worker.provider.openai.OpenAiProvider;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Providers over mock upstreams, closed together.
public final class Upstreams implements AutoCloseable {
  public static final int MAX_ANSWER_BYTES = 1024 * 1024;

  private final Watchdog watchdog = new Watchdog();
  private final List<MockUpstream> upstreams = new ArrayList<>();

  public static Policy.Timeouts timeouts(Duration firstToken, Duration idle, Duration total) {
    return new Policy.Timeouts(
        Duration.ofSeconds(10), Duration.ofSeconds(1), firstToken, idle, total);
  }

  public static Policy.Timeouts patient() {
    return timeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  public MockUpstream upstream(MockUpstream.Script script) throws IOException {
    MockUpstream upstream = new MockUpstream(script);
    upstreams.add(upstream);
    return upstream;
  }

  public Provider provider(MockUpstream upstream, Policy.Timeouts timeouts) {
    return provider(upstream.url(), timeouts, Optional.empty());
  }

  public Provider provider(URI url, Policy.Timeouts timeouts, Optional<Supplier<String>> key) {
    return new OpenAiProvider(
        new Upstream.Settings(
            pool(Policy.ProviderKind.OPENAI_COMPATIBLE, url, timeouts), key, MAX_ANSWER_BYTES),
        watchdog,
        Clock.systemUTC());
  }

  /// A part of a streamed answer.
  ///
  /// @param finish why it ends; null while it goes on
  public static String chunk(String text, @Nullable String finish) {
    return "{\"object\":\"chat.completion.chunk\",\"choices\":"
        + "[{\"index\":0,\"delta\":{\"content\":\""
        + text
        + "\"},\"finish_reason\":"
        + (finish == null ? "null" : "\"" + finish + "\"")
        + "}]}";
  }

  /// A provider of several endpoints at which prompts that begin alike meet.
  public Provider withAffinity(List<URI> endpoints) {
    Policy.Pool pool =
        new Policy.Pool(
            "mock",
            Policy.ProviderKind.OPENAI_COMPATIBLE,
            endpoints.stream().map(url -> new Policy.Endpoint(url, 1)).toList(),
            Optional.empty(),
            4,
            patient(),
            Policy.ProviderKind.OPENAI_COMPATIBLE.speaks(),
            Policy.Simulation.DEFAULT,
            Optional.empty(),
            Optional.empty(),
            Policy.Affinity.PREFIX);
    return new OpenAiProvider(
        new Upstream.Settings(pool, Optional.empty(), MAX_ANSWER_BYTES),
        watchdog,
        Clock.systemUTC());
  }

  /// A provider as a worker has it: of its own dialect, with all others translated.
  public Provider translated(
      Policy.ProviderKind kind, URI url, Policy.Timeouts timeouts, String key) {
    Policy.Pool pool = pool(kind, url, timeouts);
    Upstream.Settings settings =
        new Upstream.Settings(pool, Optional.of(() -> key), MAX_ANSWER_BYTES);
    Provider provider =
        kind == Policy.ProviderKind.ANTHROPIC
            ? new AnthropicProvider(settings, watchdog, Clock.systemUTC())
            : new OpenAiProvider(settings, watchdog, Clock.systemUTC());
    return new DialectProvider(pool, provider, "max_tokens", Clock.systemUTC());
  }

  private static Policy.Pool pool(Policy.ProviderKind kind, URI url, Policy.Timeouts timeouts) {
    return new Policy.Pool(
        "mock",
        kind,
        List.of(new Policy.Endpoint(url, 1)),
        Optional.empty(),
        4,
        timeouts,
        kind.speaks(),
        Policy.Simulation.DEFAULT);
  }

  @Override
  public void close() throws IOException {
    for (MockUpstream upstream : upstreams) {
      upstream.close();
    }
    watchdog.close();
  }
}
