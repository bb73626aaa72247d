package dev.sluice.worker.dialect;

import tools.jackson.databind.JsonNode;

/// Reads what a provider of one dialect answers, as parts. Not safe for use by several threads.
public interface AnswerReading {

  /// Reads an answer that came in one piece.
  ///
  /// @throws UnexpectedAnswerException when it is not an answer of this dialect
  void whole(JsonNode answer);

  /// Reads the next event of a stream.
  ///
  /// @throws UnexpectedAnswerException when it is not an event of this dialect
  void event(JsonNode event);
}
