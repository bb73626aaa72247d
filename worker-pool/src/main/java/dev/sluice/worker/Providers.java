package dev.sluice.worker;

import dev.sluice.contract.model.Policy;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.worker.exchange.Upstream;
import dev.sluice.worker.exchange.Watchdog;
import dev.sluice.worker.provider.DialectProvider;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.anthropic.AnthropicProvider;
import dev.sluice.worker.provider.openai.OpenAiProvider;
import dev.sluice.worker.provider.simulated.SimulatedProvider;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;

/// Makes the provider of a pool. Secrets are resolved here and nowhere else.
final class Providers implements AutoCloseable {
  private final SecretSource secrets;
  private final int maxAnswerBytes;
  private final Clock clock;
  private final Watchdog watchdog = new Watchdog();

  Providers(SecretSource secrets, int maxAnswerBytes, Clock clock) {
    this.secrets = secrets;
    this.maxAnswerBytes = maxAnswerBytes;
    this.clock = clock;
  }

  Provider create(Policy.Pool pool) {
    Provider provider =
        switch (pool.provider()) {
          case OPENAI, OPENAI_COMPATIBLE -> new OpenAiProvider(settings(pool), watchdog, clock);
          case ANTHROPIC -> new AnthropicProvider(settings(pool), watchdog, clock);
          case SIMULATED -> new SimulatedProvider(pool.simulation(), pool.timeouts(), clock);
        };
    return new DialectProvider(pool, provider, maxTokensField(pool), clock);
  }

  private Upstream.Settings settings(Policy.Pool pool) {
    Optional<Supplier<String>> key =
        pool.apiKey().map(reference -> () -> secrets.resolve(reference).value());
    return new Upstream.Settings(pool, key, maxAnswerBytes);
  }

  /// As [OpenAiProvider] has it for chats that pass through.
  private static String maxTokensField(Policy.Pool pool) {
    return OpenAiProvider.maxTokensField(
        pool.endpoints().stream().map(Policy.Endpoint::url).toList());
  }

  @Override
  public void close() {
    watchdog.close();
  }
}
