package dev.sluice.worker;

import dev.sluice.contract.model.Policy;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.openai.OpenAiProvider;
import dev.sluice.worker.provider.openai.Watchdog;
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
    return switch (pool.provider()) {
      case OPENAI_COMPATIBLE -> {
        Optional<Supplier<String>> key =
            pool.apiKey().map(reference -> () -> secrets.resolve(reference).value());
        yield new OpenAiProvider(
            new OpenAiProvider.Settings(pool, key, maxAnswerBytes), watchdog, clock);
      }
      case SIMULATED -> new SimulatedProvider(pool.simulation(), pool.timeouts(), clock);
    };
  }

  @Override
  public void close() {
    watchdog.close();
  }
}
