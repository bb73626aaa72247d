package dev.sluice.worker.core;

import java.util.Optional;

/// The endpoints a job can ask for. Each belongs to one dialect; a provider says which it speaks.
public enum Endpoint {
  CHAT("/v1/chat/completions", "chat", "choices"),
  COMPLETIONS("/v1/completions", "completions", "choices"),
  EMBEDDINGS("/v1/embeddings", "embeddings", "data"),
  MODERATIONS("/v1/moderations", "moderations", "results"),
  RESPONSES("/v1/responses", "responses", "output"),
  MESSAGES("/v1/messages", "messages", "content"),
  COUNT_TOKENS("/v1/messages/count_tokens", "messages", "input_tokens");

  private final String path;
  private final String spoken;
  private final String content;

  Endpoint(String path, String spoken, String content) {
    this.path = path;
    this.spoken = spoken;
    this.content = content;
  }

  public static Optional<Endpoint> of(String path) {
    for (Endpoint endpoint : values()) {
      if (endpoint.path.equals(path)) {
        return Optional.of(endpoint);
      }
    }
    return Optional.empty();
  }

  /// Path on the surface it belongs to.
  public String path() {
    return path;
  }

  /// Its name in the configuration's `speaks`.
  public String spoken() {
    return spoken;
  }

  /// The member without which an answer is none.
  public String content() {
    return content;
  }

  /// Whether its dialect is Anthropic's.
  public boolean ofMessages() {
    return this == MESSAGES || this == COUNT_TOKENS;
  }

  /// Whether it generates text, so that a limit of output makes sense.
  public boolean generates() {
    return switch (this) {
      case CHAT, COMPLETIONS, RESPONSES, MESSAGES -> true;
      case EMBEDDINGS, MODERATIONS, COUNT_TOKENS -> false;
    };
  }
}
