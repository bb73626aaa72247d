package dev.sluice.deploy.cli;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Reads what commands need out of a job as the native surface shows it. Pure.
final class JobAnswer {
  private static final Set<String> TERMINAL = Set.of("succeeded", "failed", "cancelled", "expired");

  private JobAnswer() {}

  static boolean isTerminal(String status) {
    return TERMINAL.contains(status);
  }

  static ExitCode codeOf(String status) {
    return switch (status) {
      case "failed", "cancelled" -> ExitCode.FAILED;
      case "expired" -> ExitCode.TIMED_OUT;
      default -> ExitCode.DONE;
    };
  }

  static String status(JsonNode job) {
    return job.path("status").asString("");
  }

  /// The words of a result, of whichever endpoint; the whole of it where it has none.
  static String text(JsonNode result) {
    StringBuilder words = new StringBuilder();
    for (JsonNode choice : result.path("choices")) {
      words.append(choice.path("message").path("content").asString(""));
      words.append(choice.path("text").asString(""));
    }
    for (JsonNode part : result.path("content")) {
      words.append(part.path("text").asString(""));
    }
    for (JsonNode item : result.path("output")) {
      for (JsonNode part : item.path("content")) {
        words.append(part.path("text").asString(""));
      }
    }
    return words.isEmpty() ? result.toString() : words.toString();
  }

  /// The words that one `job.delta` adds.
  static String deltaText(JsonNode event) {
    JsonNode delta = event.path("delta");
    StringBuilder words = new StringBuilder(delta.isString() ? delta.asString() : "");
    for (JsonNode choice : delta.path("choices")) {
      words.append(choice.path("delta").path("content").asString(""));
      words.append(choice.path("text").asString(""));
    }
    return words.toString();
  }

  /// Why a job failed, in one line.
  static String failure(JsonNode job) {
    JsonNode error = job.path("error");
    String code = error.path("code").asString("");
    String message = error.path("message").asString(error.path("detail").asString(""));
    return (code + ": " + message).replaceFirst("^: |: $", "");
  }
}
