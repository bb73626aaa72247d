package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.JobState;
import dev.sluice.ledgercheck.core.Served;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A job's events as their reader puts them together: the last state, and the text of all deltas
/// since the attempt last began anew.
///
/// Used by one thread.
final class JobEventStream {
  private final StringBuilder content = new StringBuilder();
  private JobState state = JobState.UNREADABLE;

  void event(String name, String data) {
    JsonNode event = JobBody.parse(data).orElse(null);
    if (event == null) {
      return;
    }
    switch (name) {
      case "job.delta" -> content.append(text(event.path("delta")));
      case "attempt.restarted" -> content.setLength(0);
      default -> {
        if (name.startsWith("job.")) {
          state = JobBody.state(event);
        }
      }
    }
  }

  private static String text(JsonNode delta) {
    return delta.path("choices").path(0).path("delta").path("content").asString("");
  }

  JobState state() {
    return state;
  }

  /// What the deltas come to; empty where there were none.
  Optional<Served> content() {
    return content.isEmpty() ? Optional.empty() : Optional.of(Served.of(content.toString()));
  }
}
