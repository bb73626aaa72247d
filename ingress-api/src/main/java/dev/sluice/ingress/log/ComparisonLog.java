package dev.sluice.ingress.log;

import dev.sluice.contract.avro.ComparedRoute;
import java.time.Instant;
import java.util.List;

/// What routes came to whose jobs are copied.
public interface ComparisonLog {

  /// Of the hours that begin in `from` (inclusive) to `to` (exclusive), with all that the log held
  /// at this call.
  List<ComparedRoute> routes(Instant from, Instant to);
}
