package dev.sluice.ingress.json;

import java.util.Set;

/// Endpoints whose requests can be jobs, by the path of the caller's dialect.
public final class Endpoints {
  public static final String CHAT = "/v1/chat/completions";
  public static final String COMPLETIONS = "/v1/completions";
  public static final String EMBEDDINGS = "/v1/embeddings";
  public static final String MODERATIONS = "/v1/moderations";
  public static final String RESPONSES = "/v1/responses";
  public static final String MESSAGES = "/v1/messages";
  public static final String COUNT_TOKENS = "/v1/messages/count_tokens";

  public static final Set<String> ALL =
      Set.of(CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS, RESPONSES, MESSAGES, COUNT_TOKENS);

  private Endpoints() {}

  /// The member that carries the prompt.
  static String promptOf(String endpoint) {
    return switch (endpoint) {
      case CHAT, MESSAGES, COUNT_TOKENS -> "messages";
      case COMPLETIONS -> "prompt";
      default -> "input";
    };
  }

  static boolean streams(String endpoint) {
    return switch (endpoint) {
      case CHAT, COMPLETIONS, RESPONSES, MESSAGES -> true;
      default -> false;
    };
  }

  /// Whether the endpoint is of Anthropic's dialect.
  public static boolean isAnthropic(String endpoint) {
    return endpoint.equals(MESSAGES) || endpoint.equals(COUNT_TOKENS);
  }
}
