package dev.sluice.ledgercheck.core;

import java.util.Locale;

/// The tenants of a campaign, each with a trait of its own.
public enum Account {
  /// No limit: every surface, cancels, and a model without a price.
  LEDGER,
  /// Posts in bursts that are larger than its rolling limits of jobs and of money, which hold.
  PACED,
  /// Few jobs in flight; the others are held.
  NARROW,
  /// A budget for good that the campaign uses up; then it is refused.
  CAPPED,
  /// Asks the same questions as the other echo, and pays a quarter for an answer given again.
  ECHO_A(25),
  /// Pays a tenth.
  ECHO_B(10);

  private final int repeatPercent;

  Account() {
    this(0);
  }

  Account(int repeatPercent) {
    this.repeatPercent = repeatPercent;
  }

  /// The tenant's id.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The credential of its callers.
  public String key() {
    return "sk-ledger-check-tenant-" + id();
  }

  /// Whether it asks some of its questions again, and may be given an earlier answer.
  public boolean asksAgain() {
    return repeatPercent > 0;
  }

  /// What an answer that is given again costs, percent of what the first was charged.
  public int repeatPercent() {
    return repeatPercent;
  }
}
