package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.time.Instant;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// One call that is translated.
///
/// @param jobId text form of the job's id
/// @param request the caller's body
/// @param startedAt when the call began
/// @param defaultMaxTokens limit of output that is sent anyway where the request has none, tokens
/// @param maxTokensField what the provider calls that limit
public record Call(
    String jobId,
    JsonNode request,
    Instant startedAt,
    OptionalInt defaultMaxTokens,
    String maxTokensField) {

  /// The job's id on the surface of an endpoint, such as `resp_X`; of its own on the others.
  String id(Endpoint endpoint) {
    return switch (endpoint) {
      case RESPONSES -> id("resp_");
      case MESSAGES -> id("msg_");
      case CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS, COUNT_TOKENS -> jobId;
    };
  }

  /// The job's id under another prefix.
  String id(String prefix) {
    return prefix + jobId.substring(jobId.indexOf('_') + 1);
  }
}
