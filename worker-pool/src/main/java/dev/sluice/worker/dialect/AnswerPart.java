package dev.sluice.worker.dialect;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A piece of an answer, whoever gave it and whether it came in a stream or in one piece. Pieces of
/// one kind that follow each other belong together.
public sealed interface AnswerPart {

  /// The answer begins; always first.
  ///
  /// @param id the provider's id of it
  /// @param model the provider's name of the model
  record Begin(String id, String model) implements AnswerPart {}

  /// What the model thinks before it answers.
  record Thinking(String text) implements AnswerPart {}

  /// The provider's seal on the thinking before, without which it would not take it back.
  record Signature(String seal) implements AnswerPart {}

  /// Thinking that only the provider can read.
  record Redacted(String data) implements AnswerPart {}

  /// @param logprobs log probabilities of the tokens of this piece, as chat has them
  record Text(String text, List<JsonNode> logprobs) implements AnswerPart {
    public Text {
      logprobs = List.copyOf(logprobs);
    }
  }

  /// Why the model does not answer.
  record Refusal(String text) implements AnswerPart {}

  /// The model wants a tool called; its arguments follow.
  record ToolCall(String id, String name) implements AnswerPart {}

  /// JSON text of the arguments of the tool call before.
  record Arguments(String json) implements AnswerPart {}

  /// The answer is over.
  ///
  /// @param sequence the stop sequence that was met, where the provider says which
  record Stop(Reason reason, Optional<String> sequence) implements AnswerPart {}

  /// Why an answer ends.
  enum Reason {
    END,
    SEQUENCE,
    LENGTH,
    TOOLS,
    FILTERED,
    PAUSE
  }
}
