package dev.sluice.ledgercheck.core;

/// One broken promise.
///
/// @param subject the marker, job, row or call that shows it
public record Violation(Invariant invariant, String subject, String text) {
  @Override
  public String toString() {
    return invariant + " " + subject + ": " + text;
  }
}
