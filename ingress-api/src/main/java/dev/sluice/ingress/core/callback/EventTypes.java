package dev.sluice.ingress.core.callback;

import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.core.batch.BatchStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The names of events, and the patterns an endpoint may ask for: a name, a family such as `job.*`,
/// or `*`.
public final class EventTypes {
  /// A part of a budget was used.
  public static final String BUDGET_ALERT = "budget.alert";

  private static final Set<String> NAMES =
      new TreeSet<>(
          List.of(
              "job.succeeded",
              "job.failed",
              "job.cancelled",
              "job.expired",
              "response.completed",
              "response.incomplete",
              "response.failed",
              "response.cancelled",
              "batch.completed",
              "batch.failed",
              "batch.cancelled",
              "batch.expired",
              BUDGET_ALERT));
  private static final Set<String> FAMILIES =
      Set.of("job.*", "response.*", "batch.*", "budget.*", "*");
  private static final String RESPONSES = "/v1/responses";

  private EventTypes() {}

  /// Whether somebody can ask for it.
  public static boolean isKnown(String pattern) {
    return NAMES.contains(pattern) || FAMILIES.contains(pattern);
  }

  /// Whether it is the name of one event.
  public static boolean isName(String type) {
    return NAMES.contains(type);
  }

  /// All that can be asked for, for people.
  public static String known() {
    return "job.*, response.*, batch.*, budget.*, *, " + String.join(", ", NAMES);
  }

  public static boolean matches(List<String> patterns, String type) {
    return patterns.stream()
        .anyMatch(pattern ->
            pattern.equals("*")
                || pattern.equals(type)
                || (pattern.endsWith(".*")
                    && type.startsWith(pattern.substring(0, pattern.length() - 1))));
  }

  /// What the end of a job is called.
  ///
  /// @param status a terminal one
  public static String ofJob(Status status) {
    return "job." + status.key();
  }

  /// What the end of a batch is called.
  ///
  /// @param status a terminal one
  public static String ofBatch(BatchStatus status) {
    return "batch." + status.key();
  }

  /// What the vendor calls the same event; empty for endpoints of which it tells nothing.
  ///
  /// @param status a terminal one
  /// @param incomplete whether the response says that it is not complete
  public static Optional<String> ofVendor(String endpoint, Status status, boolean incomplete) {
    if (!endpoint.equals(RESPONSES)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (status) {
          case SUCCEEDED -> incomplete ? "response.incomplete" : "response.completed";
          case CANCELLED -> "response.cancelled";
          case QUEUED, HELD, RUNNING, FAILED, EXPIRED -> "response.failed";
        });
  }
}
