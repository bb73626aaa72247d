package dev.sluice.router.core.limits;

import java.util.Map;
import java.util.Optional;

/// What a job asks of its tenant's limits, as far as its submission says.
///
/// @param keyId API key that submitted it; empty when none did
/// @param tags those that a limit names
/// @param inputTokens estimate of its prompt, tokens
/// @param maxOutputTokens the most one answer may be, tokens; [#UNNAMED] when it names no bound
/// @param choices answers it asks for at once, from 1
/// @param imposed whether that bound is a limit's, to be sent because the job named none
/// @param askedModel the model its caller asked for, when a limit moved it to another
public record Demand(
    String keyId,
    Map<String, String> tags,
    long inputTokens,
    long maxOutputTokens,
    int choices,
    boolean imposed,
    Optional<String> askedModel) {

  /// No bound of output was named.
  public static final long UNNAMED = -1;

  public Demand {
    tags = Map.copyOf(tags);
  }

  /// The same job on another model.
  public Demand downgradedFrom(String model) {
    return new Demand(
        keyId,
        tags,
        inputTokens,
        imposed ? UNNAMED : maxOutputTokens,
        choices,
        false,
        askedModel.or(() -> Optional.of(model)));
  }

  /// The same job, whose answer a limit bounds.
  Demand boundedBy(long tokens) {
    return new Demand(keyId, tags, inputTokens, tokens, choices, true, askedModel);
  }
}
