package dev.sluice.contract.topic;

/// Record headers, UTF-8 text. `docs/topics.md` says which records have them.
public final class Headers {
  /// W3C trace context, passed through every topic.
  public static final String TRACEPARENT = "traceparent";

  public static final String TRACESTATE = "tracestate";

  /// Job id.
  public static final String JOB = "sluice-job";

  /// Tenant id.
  public static final String TENANT = "sluice-tenant";

  /// The caller's tags, a JSON object: on records of a tenant's own topic of results.
  public static final String TAGS = "sluice-tags";

  /// Deadline, ISO-8601 instant.
  public static final String DEADLINE = "sluice-deadline";

  /// When the broker took the input that caused a record, milliseconds of the epoch; 0 where time
  /// itself caused it.
  public static final String CAUSED_AT = "sluice-caused-at";

  /// On a record that was set aside and then written again: the dead letter, `partition:offset`.
  public static final String DEAD_LETTER = "sluice-dead-letter";

  /// Nothing but length: makes a short record one that is read at once ([ReadAtOnce]).
  public static final String PADDING = "sluice-padding";

  private Headers() {}
}
