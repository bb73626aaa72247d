package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.Cost;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.ingress.core.batch.BatchStep;
import java.math.BigDecimal;
import java.util.Map;

/// What the lines done so far come to. Immutable.
record Tally(
    long succeeded,
    long failed,
    long cancelled,
    long expired,
    BigDecimal charged,
    long unpriced,
    long inputTokens,
    long outputTokens) {
  private static final int SCALE = 12;
  static final Tally NONE = new Tally(0, 0, 0, 0, BigDecimal.ZERO.setScale(SCALE), 0, 0, 0);

  static Tally of(BatchProgress progress) {
    BigDecimal charged = progress.getCharged();
    return new Tally(
        progress.getSucceeded(),
        progress.getFailed(),
        progress.getCancelled(),
        progress.getExpired(),
        charged == null ? NONE.charged : charged,
        progress.getUnpriced(),
        progress.getInputTokens(),
        progress.getOutputTokens());
  }

  /// With one more line that ended without a job's word.
  Tally with(BatchStep.Ending why) {
    boolean late = why == BatchStep.Ending.EXPIRED;
    return new Tally(
        succeeded,
        failed,
        cancelled + (late ? 0 : 1),
        expired + (late ? 1 : 0),
        charged,
        unpriced,
        inputTokens,
        outputTokens);
  }

  /// With one more line whose job has ended.
  Tally with(JobResult result) {
    Tally counted =
        switch (result.getStatus()) {
          case CANCELLED -> with(BatchStep.Ending.CANCELLED);
          case EXPIRED -> with(BatchStep.Ending.EXPIRED);
          case SUCCEEDED, FAILED, QUEUED, HELD, RUNNING, UNKNOWN ->
              new Tally(
                  succeeded + (ResultLine.answered(result) ? 1 : 0),
                  failed + (ResultLine.answered(result) ? 0 : 1),
                  cancelled,
                  expired,
                  charged,
                  unpriced,
                  inputTokens,
                  outputTokens);
        };
    return counted.plus(result.getCost()).plus(result.getUsage());
  }

  private Tally plus(@org.jspecify.annotations.Nullable Cost cost) {
    if (cost == null) {
      return this;
    }
    BigDecimal more = cost.getCharged();
    boolean unknown = cost.getUnpriced() || more == null;
    return new Tally(
        succeeded,
        failed,
        cancelled,
        expired,
        unknown ? charged : charged.add(more),
        unpriced + (unknown ? 1 : 0),
        inputTokens,
        outputTokens);
  }

  private Tally plus(@org.jspecify.annotations.Nullable Usage usage) {
    if (usage == null) {
      return this;
    }
    long input = inputTokens;
    long output = outputTokens;
    for (Map.Entry<String, Long> kind : usage.getTokens().entrySet()) {
      if (isOutput(kind.getKey())) {
        output += kind.getValue();
      } else {
        input += kind.getValue();
      }
    }
    return new Tally(succeeded, failed, cancelled, expired, charged, unpriced, input, output);
  }

  private static boolean isOutput(String kind) {
    return kind.equals(TokenKind.OUTPUT.key())
        || kind.equals(TokenKind.REASONING.key())
        || kind.equals(TokenKind.AUDIO_OUTPUT.key());
  }

  void into(BatchProgress progress) {
    progress.setSucceeded(succeeded);
    progress.setFailed(failed);
    progress.setCancelled(cancelled);
    progress.setExpired(expired);
    progress.setCharged(charged);
    progress.setUnpriced(unpriced);
    progress.setInputTokens(inputTokens);
    progress.setOutputTokens(outputTokens);
  }
}
