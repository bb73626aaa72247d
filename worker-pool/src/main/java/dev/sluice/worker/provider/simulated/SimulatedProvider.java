package dev.sluice.worker.provider.simulated;

import dev.sluice.contract.model.Policy;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.FailureRules;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderRequest;
import dev.sluice.worker.wire.AnswerReader;
import dev.sluice.worker.wire.UsageReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/// A provider without a model: answers deterministically, at the pool's pace, with counted usage.
///
/// Model names that begin with `simulated-error-` make it fail: a number is an HTTP status
/// (`simulated-error-429` also asks to wait one second), `hang` is silent until the first-token
/// timeout, `cut` breaks off in the middle of its answer.
///
/// It speaks chat, completions, embeddings and moderations; the other endpoints are translated, as
/// for any provider.
public final class SimulatedProvider implements Provider {
  private static final String ERROR_MODEL = "simulated-error-";
  private static final String ERROR_BODY =
      "{\"error\":{\"message\":\"simulated error\",\"type\":\"simulated\",\"code\":null}}";

  private final Policy.Simulation simulation;
  private final Policy.Timeouts timeouts;
  private final Clock clock;

  public SimulatedProvider(Policy.Simulation simulation, Policy.Timeouts timeouts, Clock clock) {
    this.simulation = simulation;
    this.timeouts = timeouts;
    this.clock = clock;
  }

  @Override
  public ProviderAnswer call(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    Optional<SimulatedAnswer> planned =
        SimulatedAnswer.plan(request, simulation, clock.instant().getEpochSecond());
    if (planned.isEmpty()) {
      return failed(400);
    }
    SimulatedAnswer answer = planned.get();
    boolean cut = answer.model().equals(ERROR_MODEL + "cut");
    if (!cut && answer.model().startsWith(ERROR_MODEL)) {
      return failAs(answer.model().substring(ERROR_MODEL.length()), answer, cancellation);
    }
    if (cancellation.cancelled() || paused(simulation.firstToken(), cancellation)) {
      return cancelled(answer, 0);
    }
    sink.firstByte();
    return request.stream() && request.endpoint().generates()
        ? stream(answer, sink, cancellation, cut)
        : whole(answer, cancellation, cut);
  }

  @Override
  public boolean probe() {
    return true;
  }

  private ProviderAnswer whole(SimulatedAnswer answer, Cancellation cancellation, boolean cut)
      throws InterruptedException {
    if (paused(pace(answer.tokens()), cancellation)) {
      return cancelled(answer, 0);
    }
    return cut ? brokenOff(answer, 0) : complete(answer);
  }

  private ProviderAnswer stream(
      SimulatedAnswer answer, AnswerSink sink, Cancellation cancellation, boolean cut)
      throws InterruptedException {
    int last = cut ? answer.tokens() / 2 : answer.tokens();
    for (int token = 0; token < last; token++) {
      if (token > 0 && paused(pace(1), cancellation)) {
        return cancelled(answer, token);
      }
      sink.chunk(answer.chunk(token));
    }
    if (cut) {
      return brokenOff(answer, last);
    }
    sink.chunk(answer.lastChunk());
    if (answer.wantsUsageChunk()) {
      sink.chunk(answer.usageChunk());
    }
    return complete(answer);
  }

  private static ProviderAnswer complete(SimulatedAnswer answer) {
    byte[] body = answer.body();
    TokenUsage usage =
        AnswerReader.read(body, "usage")
            .flatMap(facts -> UsageReader.read(facts.usage()))
            .orElseGet(() -> answer.estimated(0));
    return new ProviderAnswer.Complete(body, usage);
  }

  private ProviderAnswer failAs(String how, SimulatedAnswer answer, Cancellation cancellation)
      throws InterruptedException {
    if (how.equals("hang")) {
      return cancellation.await(timeouts.firstToken())
          ? cancelled(answer, 0)
          : new ProviderAnswer.Broken(
              Failure.of(Cause.TIMEOUT, "the simulated provider was silent"), answer.estimated(0));
    }
    boolean status = how.length() == 3 && how.chars().allMatch(c -> c >= '0' && c <= '9');
    return failed(status ? Integer.parseInt(how) : 500);
  }

  private ProviderAnswer failed(int status) {
    Optional<String> retryAfter = status == 429 ? Optional.of("1") : Optional.empty();
    return new ProviderAnswer.Broken(
        FailureRules.ofStatus(
            status, retryAfter, ERROR_BODY.getBytes(StandardCharsets.UTF_8), clock.instant()),
        TokenUsage.NONE);
  }

  private static ProviderAnswer cancelled(SimulatedAnswer answer, int tokens) {
    return new ProviderAnswer.Broken(
        Failure.of(Cause.CANCELLED, "the call was cancelled"), answer.estimated(tokens));
  }

  private static ProviderAnswer brokenOff(SimulatedAnswer answer, int tokens) {
    return new ProviderAnswer.Broken(
        Failure.of(Cause.DOWN, "the simulated provider broke off"), answer.estimated(tokens));
  }

  private Duration pace(int tokens) {
    int rate = simulation.tokensPerSecond();
    return rate == 0 ? Duration.ZERO : Duration.ofNanos(1_000_000_000L * tokens / rate);
  }

  private static boolean paused(Duration time, Cancellation cancellation)
      throws InterruptedException {
    return time.isPositive() && cancellation.await(time);
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
