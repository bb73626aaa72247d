package dev.sluice.worker.exchange;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.FailureRules;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.wire.AnswerReader;
import dev.sluice.worker.wire.EventStreamParser;
import dev.sluice.worker.wire.JsonText;
import dev.sluice.worker.wire.PromptSize;
import dev.sluice.worker.wire.StreamedAnswer;
import dev.sluice.worker.wire.TooLargeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads an answer that comes as a stream: passes its events on byte-exact and puts the whole body
/// together. Complete means the last event of its dialect, or all that matters before it; what ends
/// earlier is broken, and its tokens are estimated.
final class StreamAnswer {
  private static final int READ_BYTES = 8 * 1024;

  /// Framing and metadata make a stream much longer than its text.
  private static final long FRAMING_FACTOR = 16;

  /// After the last event only the end of the body is missing; without it the connection is not
  /// used again.
  private static final Duration END_WAIT = Duration.ofMillis(250);

  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.UTF_8);

  private final byte[] requestBody;
  private final StreamedAnswer answer;
  private final int maxAnswerBytes;
  private final AnswerSink sink;
  private @Nullable Failure failure;
  private boolean done;

  StreamAnswer(byte[] requestBody, StreamedAnswer answer, int maxAnswerBytes, AnswerSink sink) {
    this.requestBody = requestBody;
    this.answer = answer;
    this.maxAnswerBytes = maxAnswerBytes;
    this.sink = sink;
  }

  ProviderAnswer read(AnswerBody body) {
    Optional<String> refusal = body.refusal("event-stream");
    if (refusal.isPresent()) {
      body.close();
      return broken(Failure.ofStatus(Cause.BAD_ANSWER, 200, refusal.get()));
    }
    EventStreamParser parser = new EventStreamParser(maxAnswerBytes, this::event);
    byte[] buffer = new byte[READ_BYTES];
    long total = 0;
    try {
      int count;
      while (failure == null && (count = body.read(buffer)) >= 0) {
        total += count;
        if (total > maxAnswerBytes * FRAMING_FACTOR) {
          throw new TooLargeException("the stream", maxAnswerBytes * FRAMING_FACTOR);
        }
        if (!done && !parser.feed(buffer, 0, count)) {
          body.expectEndWithin(END_WAIT);
        }
      }
    } catch (TooLargeException e) {
      failure =
          Failure.of(Cause.TOO_LONG, ErrorCode.LIMITS, "the provider's answer: " + e.getMessage());
    } catch (IOException e) {
      return atBreak(body, "the connection broke in the middle of the stream");
    }
    if (failure != null) {
      body.close();
      return broken(failure);
    }
    return atBreak(body, "the stream ended before the answer was complete");
  }

  /// The stream is over; whether the answer is too depends on what had come.
  private ProviderAnswer atBreak(AnswerBody body, String otherwise) {
    boolean cancelled = body.ended().filter(Watchdog.Reason.CANCELLED::equals).isPresent();
    if (answer.over() || (answer.finished() && !cancelled)) {
      return new ProviderAnswer.Complete(answer.body(), usage());
    }
    return broken(
        body.ended()
            .map(Endings::failure)
            .orElseGet(() -> Failure.ofStatus(Cause.DOWN, 200, otherwise)));
  }

  private boolean event(byte[] data) {
    if (Arrays.equals(data, DONE)) {
      answer.closed();
      done = true;
      return false;
    }
    JsonNode chunk = parse(data);
    if (chunk == null || !chunk.isObject()) {
      failure = Failure.ofStatus(Cause.BAD_ANSWER, 200, "the provider's stream is not JSON");
      return false;
    }
    JsonNode error = answer.error(chunk);
    if (error.isObject() || error.isString()) {
      failure = FailureRules.ofErrorObject(AnswerReader.errorWord(error), data);
      return false;
    }
    answer.add(chunk);
    if (answer.textSize() > maxAnswerBytes) {
      failure = Failure.of(Cause.TOO_LONG, ErrorCode.LIMITS, "the provider's answer is too large");
      return false;
    }
    if (answer.shown(chunk)) {
      sink.chunk(data);
    }
    done = answer.over();
    return !done;
  }

  private static @Nullable JsonNode parse(byte[] data) {
    try {
      return JsonText.MAPPER.readTree(data);
    } catch (JacksonException e) {
      return null;
    }
  }

  private TokenUsage usage() {
    return answer
        .usage()
        .orElseGet(
            () -> TokenUsage.estimated(PromptSize.of(requestBody), answer.estimatedTokens() * 4));
  }

  private ProviderAnswer broken(Failure why) {
    return new ProviderAnswer.Broken(why, usage());
  }
}
