package dev.sluice.worker.provider;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.RateLimits;
import dev.sluice.worker.dialect.Call;
import dev.sluice.worker.dialect.ErrorJson;
import dev.sluice.worker.dialect.JobNames;
import dev.sluice.worker.dialect.Pair;
import dev.sluice.worker.dialect.UntranslatableException;
import dev.sluice.worker.wire.JsonText;
import dev.sluice.worker.wire.PromptSize;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Lets a caller of any dialect call a provider that speaks some: an endpoint that the provider
/// speaks passes through, another is translated to chat or to messages, and what can be neither is
/// refused without a call.
///
/// Safe for use by many threads.
public final class DialectProvider implements Provider {
  private static final int UNITS_A_TOKEN = 4;

  private final String pool;
  private final Set<String> speaks;
  private final Provider provider;
  private final String maxTokensField;
  private final Clock clock;

  /// @param provider serves the endpoints that the pool speaks
  /// @param maxTokensField what its chat calls the limit of output
  public DialectProvider(Policy.Pool pool, Provider provider, String maxTokensField, Clock clock) {
    this.pool = pool.id();
    this.speaks = pool.speaks();
    this.provider = provider;
    this.maxTokensField = maxTokensField;
    this.clock = clock;
  }

  @Override
  public ProviderAnswer call(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    if (speaks.contains(request.endpoint().spoken())) {
      return switch (request.endpoint()) {
        case MESSAGES, RESPONSES -> named(request, sink, cancellation);
        case CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS, COUNT_TOKENS ->
            provider.call(request, sink, cancellation);
      };
    }
    Optional<Pair> pair = translation(request.endpoint());
    if (pair.isPresent()) {
      return translated(request, pair.get(), sink, cancellation);
    }
    return request.endpoint() == Endpoint.COUNT_TOKENS && speaks.contains("chat")
        ? counted(request)
        : new ProviderAnswer.NotCalled(notServed(request.endpoint()));
  }

  private Optional<Pair> translation(Endpoint endpoint) {
    for (Endpoint target : new Endpoint[] {Endpoint.CHAT, Endpoint.MESSAGES}) {
      if (speaks.contains(target.spoken()) && Pair.of(endpoint, target).isPresent()) {
        return Pair.of(endpoint, target);
      }
    }
    return Optional.empty();
  }

  private Failure notServed(Endpoint endpoint) {
    return Failure.of(
        Cause.REFUSED,
        ErrorCode.ENDPOINT_NOT_SERVED,
        "pool "
            + pool
            + " does not speak "
            + endpoint.spoken()
            + ", and nothing it speaks can stand for that; use a model of a pool that does");
  }

  /// Passes through, but for the ids.
  private ProviderAnswer named(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    JobNames names;
    try {
      names = JobNames.of(request.endpoint(), request.jobId(), request.body());
    } catch (IllegalArgumentException e) {
      return new ProviderAnswer.NotCalled(notAnObject());
    }
    AnswerSink renaming =
        new AnswerSink() {
          @Override
          public void rateLimits(RateLimits limits) {
            sink.rateLimits(limits);
          }

          @Override
          public void firstByte() {
            sink.firstByte();
          }

          @Override
          public void chunk(byte[] data) {
            sink.chunk(names.event(data));
          }
        };
    ProviderAnswer answer = provider.call(request, renaming, cancellation);
    return answer instanceof ProviderAnswer.Complete complete
        ? new ProviderAnswer.Complete(names.answer(complete.body()), complete.usage())
        : answer;
  }

  private static Failure notAnObject() {
    return Failure.of(Cause.REFUSED, "the body is not a JSON object that can be sent");
  }

  private ProviderAnswer translated(
      ProviderRequest request, Pair pair, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    Call call;
    ObjectNode other;
    try {
      call =
          new Call(
              request.jobId(),
              JsonText.MAPPER.readTree(request.body()),
              clock.instant(),
              request.defaultMaxTokens(),
              maxTokensField);
      other = pair.request(call);
    } catch (JacksonException e) {
      return new ProviderAnswer.NotCalled(notAnObject());
    } catch (UntranslatableException e) {
      return new ProviderAnswer.NotCalled(
          Failure.of(Cause.REFUSED, ErrorCode.UNTRANSLATABLE, String.valueOf(e.getMessage())));
    }
    ProviderRequest there = request.as(pair.provider(), JsonText.MAPPER.writeValueAsBytes(other));
    TranslatedAnswer answer = new TranslatedAnswer(pair, call, request.stream(), sink, clock);
    cancellation.onCancel(answer.cancellation()::cancel);
    ProviderAnswer theirs = provider.call(there, answer, answer.cancellation());
    return failureOf(answer.of(theirs), request.endpoint(), pair.provider());
  }

  /// The provider's own words, in the caller's frame.
  private static ProviderAnswer failureOf(ProviderAnswer answer, Endpoint caller, Endpoint theirs) {
    if (!(answer instanceof ProviderAnswer.Broken broken)
        || broken.failure().body().isEmpty()
        || caller.ofMessages() == theirs.ofMessages()) {
      return answer;
    }
    Failure failure = broken.failure();
    return new ProviderAnswer.Broken(
        failure.withBody(
            failure.body().map(caller.ofMessages() ? ErrorJson::toAnthropic : ErrorJson::toOpenAi)),
        broken.usage());
  }

  /// An estimate made here, from the size of the text: nobody is asked, and nothing is owed.
  private static ProviderAnswer counted(ProviderRequest request) {
    long tokens = (PromptSize.of(request.body()) + UNITS_A_TOKEN - 1) / UNITS_A_TOKEN;
    JsonNode answer = JsonText.MAPPER.createObjectNode().put("input_tokens", Math.max(1, tokens));
    return new ProviderAnswer.Local(answer.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean probe() throws InterruptedException {
    return provider.probe();
  }

  @Override
  public void close() {
    provider.close();
  }
}
