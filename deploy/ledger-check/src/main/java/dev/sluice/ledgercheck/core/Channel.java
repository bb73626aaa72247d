package dev.sluice.ledgercheck.core;

/// The ways in which a job's state is read.
public enum Channel {
  GET,
  LONG_POLL,
  EVENTS,
  /// GET after Sluice was killed and started once more.
  GET_AFTER_RESTART,
  /// The job within the tenant's list.
  LIST
}
