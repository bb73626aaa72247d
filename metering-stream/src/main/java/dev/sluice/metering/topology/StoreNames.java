package dev.sluice.metering.topology;

/// State stores, each with a changelog topic of its own.
final class StoreNames {
  /// Job id bytes → what of the job is counted.
  static final String COUNTED = "counted";

  /// Period and group → running total.
  static final String TOTALS = "totals";

  /// Hour and route → what its calls came to.
  static final String COMPARED = "compared";

  /// How far the ledger partition is counted.
  static final String PROGRESS = "progress";

  private StoreNames() {}
}
