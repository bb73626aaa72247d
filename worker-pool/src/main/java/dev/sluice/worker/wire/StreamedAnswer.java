package dev.sluice.worker.wire;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Follows the events of a streamed answer of one dialect, and puts the whole body together.
///
/// Not safe for use by several threads.
public interface StreamedAnswer {

  /// Follows the stream of an endpoint that can be streamed.
  ///
  /// @param wantsUsageChunk whether the caller asked for the extra usage chunk
  static StreamedAnswer of(Endpoint endpoint, boolean wantsUsageChunk) {
    return switch (endpoint) {
      case MESSAGES -> new MessagesStream();
      case RESPONSES -> new ResponsesStream();
      case CHAT, COMPLETIONS -> new ChatStream(wantsUsageChunk);
      case EMBEDDINGS, MODERATIONS, COUNT_TOKENS ->
          throw new IllegalArgumentException(endpoint + " is not streamed");
    };
  }

  /// The error that an event tells of; a missing node where it tells of none.
  JsonNode error(JsonNode event);

  /// Takes the next event.
  void add(JsonNode event);

  /// Whether the caller sees the event.
  boolean shown(JsonNode event);

  /// The provider said `[DONE]`.
  void closed();

  /// Whether the end of the stream has come, as its dialect has it.
  boolean over();

  /// Whether all that matters has come, so that nothing is lost where the stream ends early.
  boolean finished();

  /// Tokens as far as the provider told; where it told only those of the prompt, the rest is an
  /// estimate and the source says so.
  Optional<TokenUsage> usage();

  /// Size of the text generated so far, in UTF-16 units.
  long textSize();

  /// A guess at the tokens generated so far.
  long estimatedTokens();

  /// The body that the endpoint would have answered without streaming.
  byte[] body();
}
