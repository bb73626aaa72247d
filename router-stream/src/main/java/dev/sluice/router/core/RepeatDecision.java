package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;

/// What a submission is, seen beside those before it.
public sealed interface RepeatDecision {

  /// A job of its own.
  record First() implements RepeatDecision {}

  /// The job itself, written again.
  record Same() implements RepeatDecision {}

  /// A repeat: its id is another name of that job.
  record RepeatOf(JobId first) implements RepeatDecision {}

  /// Another request under a key that is taken.
  record Conflict() implements RepeatDecision {}

  /// Its key could not be kept as long as promised, so it is not taken.
  record Full() implements RepeatDecision {}
}
