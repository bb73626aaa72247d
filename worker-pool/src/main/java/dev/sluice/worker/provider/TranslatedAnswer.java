package dev.sluice.worker.provider;

import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.RateLimits;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.dialect.AnswerPart;
import dev.sluice.worker.dialect.AnswerReading;
import dev.sluice.worker.dialect.AnswerWriting;
import dev.sluice.worker.dialect.Call;
import dev.sluice.worker.dialect.Pair;
import dev.sluice.worker.dialect.UnexpectedAnswerException;
import dev.sluice.worker.wire.JsonText;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// The answer of one translated call, on its way to the caller. An event that cannot be translated
/// ends the call. Not safe for use by several threads, but for its cancellation.
final class TranslatedAnswer implements AnswerSink {
  private final boolean stream;
  private final AnswerSink sink;
  private final Clock clock;
  private final AnswerWriting writing;
  private final AnswerReading reading;
  private final Cancellation cancellation = new Cancellation();
  private @Nullable Failure failure;
  private boolean begun;

  TranslatedAnswer(Pair pair, Call call, boolean stream, AnswerSink sink, Clock clock) {
    this.stream = stream;
    this.sink = sink;
    this.clock = clock;
    this.writing = pair.writing(call, stream ? this::pass : AnswerWriting.Events.NONE);
    this.reading = pair.reading(this::part);
  }

  private void part(AnswerPart part) {
    begun = true;
    writing.part(part);
  }

  /// Ends the call.
  Cancellation cancellation() {
    return cancellation;
  }

  private void pass(ObjectNode event) {
    sink.chunk(JsonText.MAPPER.writeValueAsBytes(event));
  }

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
    if (failure != null) {
      return;
    }
    try {
      reading.event(JsonText.MAPPER.readTree(data));
    } catch (UnexpectedAnswerException e) {
      fail(e);
      cancellation.cancel();
    }
  }

  private void fail(UnexpectedAnswerException why) {
    failure = Failure.ofStatus(Cause.BAD_ANSWER, 200, String.valueOf(why.getMessage()));
  }

  /// What the caller gets.
  ProviderAnswer of(ProviderAnswer theirs) {
    return switch (theirs) {
      case ProviderAnswer.Complete complete -> completed(complete);
      case ProviderAnswer.Broken broken ->
          failure == null ? broken : new ProviderAnswer.Broken(failure, broken.usage());
      case ProviderAnswer.Local _, ProviderAnswer.NotCalled _ -> theirs;
    };
  }

  private ProviderAnswer completed(ProviderAnswer.Complete theirs) {
    TokenUsage usage = theirs.usage();
    if (failure == null) {
      try {
        if (!stream) {
          reading.whole(JsonText.MAPPER.readTree(theirs.body()));
        }
        if (!begun) {
          throw new UnexpectedAnswerException("the provider's answer is empty");
        }
        ObjectNode whole = writing.end(usage, clock.instant());
        return new ProviderAnswer.Complete(JsonText.MAPPER.writeValueAsBytes(whole), usage);
      } catch (UnexpectedAnswerException e) {
        fail(e);
      } catch (JacksonException e) {
        fail(new UnexpectedAnswerException("the provider's answer is not JSON"));
      }
    }
    return new ProviderAnswer.Broken(java.util.Objects.requireNonNull(failure), usage);
  }
}
