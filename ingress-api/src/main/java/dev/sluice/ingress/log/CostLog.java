package dev.sluice.ingress.log;

import dev.sluice.contract.avro.CostBucket;
import java.time.Instant;
import java.util.List;

/// A tenant's running totals, as finance reads them.
public interface CostLog {

  /// Totals of the periods that begin in `from` (inclusive) to `to` (exclusive): hours, days or
  /// months, as `CostPeriod` says.
  List<CostBucket> buckets(String tenant, Instant from, Instant to);
}
