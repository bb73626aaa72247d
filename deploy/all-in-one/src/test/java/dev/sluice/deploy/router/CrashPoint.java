package dev.sluice.deploy.router;

/// Where a router can die so that it matters: each line of the design that makes it exact has its
/// points (ADR 0003).
enum CrashPoint {
  /// A release is in the log, the work has not left.
  LOGGED_BUT_NOT_RELEASED,
  /// An end is in the log, none of its outputs has left.
  LOGGED_BUT_NOT_TOLD,
  /// The settlement of an ended job has left, its result has not.
  BETWEEN_OUTPUTS,
  /// A job has ended and was told, but the log has not been heard to take what follows.
  BEFORE_CHANGELOG,
  /// Outputs have left, the inputs they came from are not committed.
  BEFORE_COMMIT,
  /// A commit is done, what it allows to be forgotten is not.
  AFTER_COMMIT,
  /// The log takes its records later than the topics of the outputs would, and loses the last ones.
  LOG_SLOWER_THAN_OUTPUTS
}
