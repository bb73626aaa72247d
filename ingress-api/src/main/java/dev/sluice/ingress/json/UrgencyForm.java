package dev.sluice.ingress.json;

import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.DeadlineRule;
import dev.sluice.ingress.core.RefusedException;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JsonParser;

/// How urgent jobs that wait are to be from now on.
///
/// @param priority empty to leave each in its class
/// @param deadline empty to leave each its own
public record UrgencyForm(Optional<Priority> priority, Optional<Instant> deadline) {
  private static final int MAX_TEXT_CHARACTERS = 64;

  /// @throws RefusedException when it is none, or says nothing
  public static UrgencyForm read(byte[] body, Instant now) {
    Reader reader = new Reader(now);
    StrictJson.read(body, reader::member);
    if (reader.priority.isEmpty() && reader.deadline.isEmpty()) {
      throw Fields.wrong("/priority", "or deadline is required");
    }
    return new UrgencyForm(reader.priority, reader.deadline);
  }

  private static final class Reader {
    private final Instant now;
    private Optional<Priority> priority = Optional.empty();
    private Optional<Instant> deadline = Optional.empty();

    Reader(Instant now) {
      this.now = now;
    }

    void member(String member, JsonParser value) {
      switch (member) {
        case "priority" ->
            priority = Fields.isNull(value) ? Optional.empty() : Optional.of(priority(value));
        case "deadline" ->
            deadline = Fields.isNull(value) ? Optional.empty() : Optional.of(deadline(value));
        default -> throw Fields.wrong("/" + member, "is not one of priority and deadline");
      }
    }

    private static Priority priority(JsonParser value) {
      return Priority.of(Fields.text(value, "/priority", MAX_TEXT_CHARACTERS))
          .orElseThrow(() -> Fields.wrong("/priority", "must be interactive, standard or batch"));
    }

    private Instant deadline(JsonParser value) {
      return DeadlineRule.named(Fields.text(value, "/deadline", MAX_TEXT_CHARACTERS), now)
          .orElseThrow(() ->
              Fields.wrong(
                  "/deadline",
                  "must be a duration such as PT2H or an instant, in the next seven days"));
    }
  }
}
