package dev.sluice.ledgercheck.core;

/// The ways in which the client hands a job in.
public enum Surface {
  /// `POST /v1/jobs`, answered 202.
  JOB,
  /// `POST /v1/jobs` with `Prefer: wait`.
  JOB_WAIT,
  /// `POST /v1/jobs` with `"stream": true`, its events read at once.
  JOB_EVENTS,
  /// `POST /v1/chat/completions` that waits for its answer.
  CHAT,
  /// `POST /v1/chat/completions` with `"stream": true`.
  CHAT_STREAM
}
