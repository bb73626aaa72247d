package dev.sluice.ledgercheck.core;

import java.util.Locale;

/// What a channel says about a job.
public enum JobState {
  QUEUED,
  HELD,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  EXPIRED,
  /// 404: the job is not known.
  ABSENT,
  /// No answer, or one that is not a job.
  UNREADABLE;

  public boolean terminal() {
    return this == SUCCEEDED || this == FAILED || this == CANCELLED || this == EXPIRED;
  }

  /// The state of that word on the wire.
  public static JobState of(String word) {
    for (JobState state : values()) {
      if (state.name().toLowerCase(Locale.ROOT).equals(word)) {
        return state;
      }
    }
    return UNREADABLE;
  }
}
