package dev.sluice.ingress.json;

import java.util.Set;

/// Endpoints of the OpenAI surface whose requests can be jobs.
public final class Endpoints {
  public static final String CHAT = "/v1/chat/completions";
  public static final String COMPLETIONS = "/v1/completions";
  public static final String EMBEDDINGS = "/v1/embeddings";

  /// Only for jobs given by `input`; providers that do not speak it refuse the job.
  public static final String RESPONSES = "/v1/responses";

  public static final Set<String> ALL = Set.of(CHAT, COMPLETIONS, EMBEDDINGS, RESPONSES);

  private Endpoints() {}

  /// The member that carries the prompt.
  static String promptOf(String endpoint) {
    return switch (endpoint) {
      case CHAT -> "messages";
      case COMPLETIONS -> "prompt";
      default -> "input";
    };
  }

  static boolean streams(String endpoint) {
    return !endpoint.equals(EMBEDDINGS);
  }
}
