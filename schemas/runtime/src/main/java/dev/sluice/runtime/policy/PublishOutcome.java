package dev.sluice.runtime.policy;

/// What came of publishing a policy.
public sealed interface PublishOutcome {

  /// The version in force after the call, whoever published it.
  long version();

  /// The policy is in force now, under a new version.
  record Published(long version) implements PublishOutcome {}

  /// Nothing was written: the same policy is in force already.
  record Unchanged(long version) implements PublishOutcome {}

  /// Nothing was written: the file is as it was when it was last published, and what has been
  /// applied since wins until the file changes.
  record KeptApplied(long version) implements PublishOutcome {}
}
