package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/// A caller's endpoint over messages, by way of chat: the request is translated twice, the answer
/// once. A refusal of the second step names the field of the chat that the first one made, which
/// bears the caller's name for it or a near one.
///
/// @param first from the caller's endpoint to chat
record ThroughChat(Pair first) implements Pair {

  @Override
  public Endpoint provider() {
    return Endpoint.MESSAGES;
  }

  @Override
  public ObjectNode request(Call call) {
    ObjectNode chat = first.request(call);
    return new ChatToMessages()
        .request(
            new Call(
                call.jobId(),
                chat,
                call.startedAt(),
                call.defaultMaxTokens(),
                call.maxTokensField()));
  }

  @Override
  public AnswerReading reading(Consumer<AnswerPart> parts) {
    return new MessagesReading(parts);
  }

  @Override
  public AnswerWriting writing(Call call, AnswerWriting.Events events) {
    return first.writing(call, events);
  }
}
