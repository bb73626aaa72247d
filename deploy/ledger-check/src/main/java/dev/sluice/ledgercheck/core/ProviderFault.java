package dev.sluice.ledgercheck.core;

/// What the mock provider can do instead of answering well.
public enum ProviderFault {
  NONE(Bill.EXACT),
  /// 429 with Retry-After in seconds.
  THROTTLED_SECONDS(Bill.NOTHING),
  /// 429 with Retry-After as a date.
  THROTTLED_DATE(Bill.NOTHING),
  ERROR_500(Bill.NOTHING),
  UNAVAILABLE_503(Bill.NOTHING),
  /// 503 to everything, probes too, until the provider is up again.
  OUTAGE(Bill.NOTHING),
  RESET_BEFORE_HEADERS(Bill.UNKNOWN),
  RESET_MID_BODY(Bill.PARTIAL),
  /// Silence: before the headers of a plain answer, after some tokens of a stream.
  STALL(Bill.PARTIAL),
  MALFORMED_JSON(Bill.UNKNOWN),
  /// Ends in good order, but before its time.
  TRUNCATED(Bill.PARTIAL),
  ERROR_IN_200(Bill.UNKNOWN),
  /// A whole good answer without its token counts.
  MISSING_USAGE(Bill.PARTIAL);

  /// What is known of the tokens of such a call.
  public enum Bill {
    /// The counts were reported.
    EXACT,
    /// Only what was sent is known: an estimate must come near.
    PARTIAL,
    /// Tokens were drawn, but nothing readable was sent.
    UNKNOWN,
    /// The provider bills nothing.
    NOTHING
  }

  private final Bill bill;

  ProviderFault(Bill bill) {
    this.bill = bill;
  }

  public Bill bill() {
    return bill;
  }

  /// Whether another call may follow by policy.
  public boolean excusesRetry() {
    return this != NONE && this != MISSING_USAGE;
  }
}
