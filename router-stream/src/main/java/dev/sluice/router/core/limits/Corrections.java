package dev.sluice.router.core.limits;

import java.util.HashMap;
import java.util.Map;

/// What a tenant's prompts have come to, as multiples of their estimates, by model: never below 1.
/// Each tenant has its own, so nobody's prompts make another's dearer. Not safe for several
/// threads.
final class Corrections {
  /// How much of the way to a lower ratio one answer goes.
  private static final double EASING = 0.02;

  /// One answer that counts absurdly many tokens must not shut a model out of its limit.
  static final double MOST = 16;

  private final Map<String, Double> byModel;
  private long learnt;

  /// @param learnt the last answer that they know of
  /// @param kept ratios by model
  Corrections(long learnt, Map<String, Double> kept) {
    this.learnt = learnt;
    byModel = new HashMap<>(kept);
  }

  /// What a prompt is expected to be, tokens.
  long correct(String model, long estimatedTokens) {
    return (long) Math.ceil(estimatedTokens * byModel.getOrDefault(model, 1.0));
  }

  /// An answer has shown how many tokens its prompt had: estimates follow upwards at once, and
  /// downwards slowly. One that is known teaches nothing.
  void learn(long sequence, String model, long estimatedTokens, long countedTokens) {
    if (sequence <= learnt) {
      return;
    }
    learnt = sequence;
    if (estimatedTokens <= 0 || countedTokens <= 0) {
      return;
    }
    double ratio = Math.clamp((double) countedTokens / estimatedTokens, 1.0, MOST);
    byModel.merge(model, ratio, (before, _) -> Math.max(ratio, before + EASING * (ratio - before)));
  }

  /// The last answer that they know of.
  long learnt() {
    return learnt;
  }

  /// What differs from the estimate, by model.
  Map<String, Double> kept() {
    Map<String, Double> kept = new HashMap<>(byModel);
    kept.values().removeIf(ratio -> ratio <= 1.0);
    return kept;
  }
}
