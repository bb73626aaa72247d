package dev.sluice.worker.provider.openai;

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
import java.util.List;

/// Calls any server that speaks the OpenAI surface.
public final class OpenAiProvider implements Provider {
  private static final String OPENAI_HOST = "api.openai.com";

  private final Upstream upstream;

  public OpenAiProvider(Upstream.Settings settings, Watchdog watchdog, Clock clock) {
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

  /// What the chat of servers calls the limit of output. The vendor itself refuses the old name for
  /// its newer models; most other servers know only that.
  public static String maxTokensField(List<URI> bases) {
    return bases.stream().anyMatch(base -> OPENAI_HOST.equals(base.getHost()))
        ? "max_completion_tokens"
        : "max_tokens";
  }

  private static final class Surface implements Protocol {
    @Override
    public URI target(URI base, Endpoint endpoint) {
      return Targets.below(base, endpoint);
    }

    @Override
    public URI models(URI base) {
      return Targets.below(base, Targets.MODELS);
    }

    @Override
    public String maxTokensField(Endpoint endpoint, URI base) {
      return switch (endpoint) {
        case CHAT -> OpenAiProvider.maxTokensField(List.of(base));
        case RESPONSES -> "max_output_tokens";
        case COMPLETIONS, MESSAGES, EMBEDDINGS, MODERATIONS, COUNT_TOKENS -> "max_tokens";
      };
    }

    /// Some servers of this surface serve Anthropic's messages too, and then want its headers.
    @Override
    public void headers(ProviderRequest request, HttpRequest.Builder http) {
      if (request.endpoint().ofMessages()) {
        request.headers().forEach(http::header);
      }
    }

    @Override
    public void authorize(String key, HttpRequest.Builder http) {
      http.header("authorization", "Bearer " + key);
    }
  }
}
