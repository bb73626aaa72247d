package dev.sluice.bench.load;

import dev.sluice.bench.core.Percentiles;
import java.util.Map;

/// What a run showed.
///
/// @param latency of right answers, from when each was due to its last byte
/// @param firstContent the same to the first streamed text
/// @param lag how late the generator itself sent
/// @param meanMillis of the latency
/// @param wrong wrong, failed and missing answers by reason
public record LoadResult(
    Percentiles latency,
    Percentiles firstContent,
    Percentiles lag,
    double meanMillis,
    Map<String, Long> wrong,
    double seconds) {

  public LoadResult {
    wrong = Map.copyOf(wrong);
  }

  public long errors() {
    return wrong.values().stream().mapToLong(Long::longValue).sum();
  }

  public double perSecond() {
    return latency.count() / seconds;
  }
}
