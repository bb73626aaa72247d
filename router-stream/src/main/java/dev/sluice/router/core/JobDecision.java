package dev.sluice.router.core;

import java.util.List;

/// What a command does to a job.
public sealed interface JobDecision {

  /// The job moves: one record of the log, then the notices.
  record Moves(Job after, List<Notice> notices) implements JobDecision {
    public Moves {
      notices = List.copyOf(notices);
    }
  }

  /// Nothing moves, but someone is answered.
  record Answers(List<Notice> notices) implements JobDecision {
    public Answers {
      notices = List.copyOf(notices);
    }
  }

  /// A repeat, or too late to matter.
  record Ignores() implements JobDecision {}
}
