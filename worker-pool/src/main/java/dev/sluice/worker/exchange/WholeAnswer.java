package dev.sluice.worker.exchange;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.FailureRules;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderRequest;
import dev.sluice.worker.wire.AnswerReader;
import dev.sluice.worker.wire.PromptSize;
import dev.sluice.worker.wire.UsageReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;

/// Reads an answer that comes in one piece. It is passed on byte-exact, after a look that it is
/// one.
final class WholeAnswer {
  private static final int READ_BYTES = 16 * 1024;

  private final ProviderRequest request;
  private final byte[] requestBody;
  private final int maxAnswerBytes;

  WholeAnswer(ProviderRequest request, byte[] requestBody, int maxAnswerBytes) {
    this.request = request;
    this.requestBody = requestBody;
    this.maxAnswerBytes = maxAnswerBytes;
  }

  ProviderAnswer read(AnswerBody body) {
    Optional<String> refusal = body.refusal("json");
    if (refusal.isPresent()) {
      body.close();
      return broken(Failure.ofStatus(Cause.BAD_ANSWER, 200, refusal.get()), 0);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    byte[] buffer = new byte[READ_BYTES];
    try {
      int count;
      while ((count = body.read(buffer)) >= 0) {
        if (bytes.size() + count > maxAnswerBytes) {
          body.close();
          return broken(tooLarge(), bytes.size());
        }
        bytes.write(buffer, 0, count);
      }
    } catch (IOException e) {
      return brokenOff(cut(body), bytes.toByteArray());
    }
    if (body.ended().isPresent()) {
      return brokenOff(cut(body), bytes.toByteArray());
    }
    return judge(bytes.toByteArray());
  }

  /// A cancel may meet an answer that has all come, and then its counts are known.
  private ProviderAnswer brokenOff(Failure failure, byte[] bytes) {
    return read(bytes)
        .flatMap(this::usage)
        .<ProviderAnswer>map(counted -> new ProviderAnswer.Broken(failure, counted))
        .orElseGet(() -> broken(failure, bytes.length));
  }

  private ProviderAnswer judge(byte[] bytes) {
    Optional<AnswerReader.Facts> read = read(bytes);
    if (read.isEmpty()) {
      return broken(
          Failure.ofStatus(Cause.BAD_ANSWER, 200, "the provider's answer is not JSON"),
          bytes.length);
    }
    AnswerReader.Facts facts = read.get();
    if (facts.error().isObject() || facts.error().isString()) {
      return new ProviderAnswer.Broken(
          FailureRules.ofErrorObject(AnswerReader.errorWord(facts.error()), bytes),
          usage(facts).orElse(TokenUsage.NONE));
    }
    if (!facts.hasContent()) {
      return broken(
          Failure.ofStatus(Cause.BAD_ANSWER, 200, "the provider's answer has no content"), 0);
    }
    return new ProviderAnswer.Complete(
        bytes,
        usage(facts)
            .orElseGet(() ->
                TokenUsage.estimated(
                    PromptSize.of(requestBody), AnswerReader.textSize(request.endpoint(), bytes))));
  }

  private Optional<AnswerReader.Facts> read(byte[] bytes) {
    return AnswerReader.read(bytes, request.endpoint().content());
  }

  private Optional<TokenUsage> usage(AnswerReader.Facts facts) {
    return UsageReader.of(request.endpoint(), facts.usage());
  }

  private Failure tooLarge() {
    return Failure.of(
        Cause.TOO_LONG,
        ErrorCode.LIMITS,
        "the provider's answer is larger than " + maxAnswerBytes + " bytes");
  }

  private static Failure cut(AnswerBody body) {
    return body.ended()
        .map(Endings::failure)
        .orElseGet(() ->
            Failure.ofStatus(Cause.DOWN, 200, "the connection broke in the middle of the answer"));
  }

  private ProviderAnswer broken(Failure failure, long answerBytes) {
    return new ProviderAnswer.Broken(
        failure, TokenUsage.estimated(PromptSize.of(requestBody), answerBytes));
  }
}
