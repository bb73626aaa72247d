package dev.sluice.worker.provider.anthropic;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.exchange.Protocol;
import dev.sluice.worker.exchange.Targets;
import dev.sluice.worker.exchange.Upstream;
import dev.sluice.worker.exchange.Watchdog;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderRequest;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Clock;

/// Calls a server that speaks Anthropic's messages. The version that the caller named is the
/// version that is asked for, since the meaning of a body depends on it.
public final class AnthropicProvider implements Provider {
  private static final String VERSION = "anthropic-version";

  /// What a body means that names no version, and every translated one.
  private static final String DEFAULT_VERSION = "2023-06-01";

  private final Upstream upstream;

  public AnthropicProvider(Upstream.Settings settings, Watchdog watchdog, Clock clock) {
    this.upstream = new Upstream(settings, new Surface(), watchdog, clock);
  }

  @Override
  public ProviderAnswer call(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    return upstream.call(request, sink, cancellation);
  }

  @Override
  public boolean probe() throws InterruptedException {
    return upstream.probe();
  }

  @Override
  public void close() {
    upstream.close();
  }

  private static final class Surface implements Protocol {
    @Override
    public URI target(URI base, Endpoint endpoint) {
      return Targets.belowRoot(base, endpoint);
    }

    @Override
    public URI models(URI base) {
      return Targets.belowRoot(base, Targets.MODELS);
    }

    @Override
    public String maxTokensField(Endpoint endpoint, URI base) {
      return "max_tokens";
    }

    @Override
    public void headers(ProviderRequest request, HttpRequest.Builder http) {
      if (!request.headers().containsKey(VERSION)) {
        http.header(VERSION, DEFAULT_VERSION);
      }
      request.headers().forEach(http::header);
    }

    @Override
    public void authorize(String key, HttpRequest.Builder http) {
      http.header("x-api-key", key);
    }
  }
}
