package dev.sluice.worker.dialect;

import dev.sluice.worker.core.TokenUsage;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/// Writes an answer in one dialect, as the events of a stream and as a whole at once, so that the
/// two are the same by construction. Not safe for use by several threads.
public interface AnswerWriting {

  /// Takes the events.
  interface Events {
    /// For an answer that is wanted as a whole.
    Events NONE = _ -> {};

    void event(ObjectNode event);
  }

  /// Takes the next part and writes the events it makes.
  void part(AnswerPart part);

  /// Writes the last events.
  ///
  /// @param at when the answer was complete
  /// @return what the endpoint answers without streaming
  ObjectNode end(TokenUsage usage, Instant at);
}
