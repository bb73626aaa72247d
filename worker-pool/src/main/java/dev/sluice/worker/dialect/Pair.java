package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/// One caller's endpoint, served by one provider's.
///
/// Requests are translated by one file a pair. Answers pass through [AnswerPart]: one reader for
/// each dialect of a provider and one writer for each of a caller, so that a stream and a whole
/// answer cannot differ.
public interface Pair {

  /// The provider's endpoint.
  Endpoint provider();

  /// The caller's request in the provider's dialect.
  ///
  /// @throws UntranslatableException when it says what cannot be said there
  ObjectNode request(Call call);

  /// Reads the provider's answers.
  AnswerReading reading(Consumer<AnswerPart> parts);

  /// Writes the caller's answers.
  AnswerWriting writing(Call call, AnswerWriting.Events events);

  /// The translation between two endpoints, where there is one.
  static Optional<Pair> of(Endpoint caller, Endpoint provider) {
    if (provider == Endpoint.CHAT) {
      return switch (caller) {
        case MESSAGES -> Optional.of(new MessagesToChat());
        case RESPONSES -> Optional.of(new ResponsesToChat(ResponsesToChat.Seals.LEFT_OUT));
        case COMPLETIONS -> Optional.of(new CompletionsToChat());
        case CHAT, EMBEDDINGS, MODERATIONS, COUNT_TOKENS -> Optional.empty();
      };
    }
    if (provider == Endpoint.MESSAGES) {
      return switch (caller) {
        case CHAT -> Optional.of(new ChatToMessages());
        case RESPONSES ->
            Optional.of(new ThroughChat(new ResponsesToChat(ResponsesToChat.Seals.KEPT)));
        case COMPLETIONS -> Optional.of(new ThroughChat(new CompletionsToChat()));
        case MESSAGES, EMBEDDINGS, MODERATIONS, COUNT_TOKENS -> Optional.empty();
      };
    }
    return Optional.empty();
  }
}
