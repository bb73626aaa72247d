package dev.sluice.metering.topology;

import dev.sluice.metering.core.Period;
import java.util.Locale;

/// Nodes of the graph, as they appear in its description and in Streams' metrics.
final class NodeNames {
  static final String LEDGER = "ledger";
  static final String READ = "read-ledger";
  static final String COUNT = "count-once";
  static final String TALLY = "tally";
  static final String COSTS = "costs";
  static final String COMPARE = "compare";
  static final String COMPARISONS = "comparisons";
  static final String DEAD_LETTERS = "dead-letters";

  private NodeNames() {}

  static String costs(Period period) {
    return COSTS + "-" + period.name().toLowerCase(Locale.ROOT);
  }
}
