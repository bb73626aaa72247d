package dev.sluice.ledgercheck.core;

/// The promises that are checked, by their names in the reliability reference.
public enum Invariant {
  I1("every accepted job ends"),
  I2("no phantom: every job, call and row comes from one POST"),
  I3("one job a key, however often it is sent"),
  I4("one terminal state, which never changes"),
  I5("all channels agree"),
  I6("every call is explained by a row, every row by a call"),
  I7("no call is repeated without a fault"),
  I8("at most one charge, exactly one for a delivered answer, sums exact"),
  I9("usage and owed money of every call are right"),
  I10("no limit is overshot, and what was reserved comes back"),
  I12("an answer is given again only within its tenant, as asked, and at its price"),
  I13("a cancel stops the spending"),
  /// Part of the failure handling: jobs are not lost with their provider.
  FAILOVER("who is down is left alone, and the other provider is asked"),
  /// The answer is the provider's, and for this very prompt.
  NONCE("a client gets the answer that was given to its own prompt"),
  /// Part of S13: credentials stay where they belong.
  KEY("the provider sees its own key and no other");

  private final String promise;

  Invariant(String promise) {
    this.promise = promise;
  }

  public String promise() {
    return promise;
  }
}
