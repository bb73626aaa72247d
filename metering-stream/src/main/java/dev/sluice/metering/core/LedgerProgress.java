package dev.sluice.metering.core;

import java.time.Instant;

/// How far a ledger partition has been counted, kept with the totals themselves. It makes counting
/// independent of the group's committed offsets: when the broker has forgotten those (a week
/// without a member is enough) the ledger is read from its start, and nothing is counted twice.
///
/// @param offset of the last record counted
/// @param appendedAt latest append time of a record counted
/// @param forgottenUntil jobs created before it may have been counted and forgotten
public record LedgerProgress(long offset, Instant appendedAt, Instant forgottenUntil) {
  public static final LedgerProgress NONE = new LedgerProgress(-1, Instant.EPOCH, Instant.EPOCH);

  /// Whether a record was counted. A lower offset with a later time is another log: the topic was
  /// made anew, and its records are not known.
  public boolean covers(long recordOffset, Instant recordAppendedAt) {
    return recordOffset <= offset && !recordAppendedAt.isAfter(appendedAt);
  }

  public LedgerProgress after(long recordOffset, Instant recordAppendedAt) {
    Instant latest = recordAppendedAt.isAfter(appendedAt) ? recordAppendedAt : appendedAt;
    return new LedgerProgress(recordOffset, latest, forgottenUntil);
  }

  public LedgerProgress forgettingUntil(Instant until) {
    return new LedgerProgress(
        offset, appendedAt, until.isAfter(forgottenUntil) ? until : forgottenUntil);
  }
}
