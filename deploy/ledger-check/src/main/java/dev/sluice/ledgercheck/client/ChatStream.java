package dev.sluice.ledgercheck.client;

import tools.jackson.databind.JsonNode;

/// A streamed chat completion as its caller puts it together.
///
/// Used by one thread.
final class ChatStream {
  private final StringBuilder content = new StringBuilder();
  private boolean finished;
  private boolean done;
  private boolean failed;

  void event(String name, String data) {
    if (data.equals("[DONE]")) {
      done = true;
      return;
    }
    JsonNode chunk = JobBody.parse(data).orElse(null);
    if (chunk == null || name.equals("error") || chunk.has("error")) {
      failed = true;
      return;
    }
    JsonNode choice = chunk.path("choices").path(0);
    content.append(choice.path("delta").path("content").asString(""));
    finished |= choice.path("finish_reason").isString();
  }

  String content() {
    return content.toString();
  }

  /// Whether the stream came to its good end.
  boolean complete() {
    return finished && done && !failed;
  }
}
