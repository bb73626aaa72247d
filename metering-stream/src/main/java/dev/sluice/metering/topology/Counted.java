package dev.sluice.metering.topology;

import dev.sluice.contract.avro.Settlement;
import dev.sluice.metering.core.CostLine;
import java.util.List;

/// The new lines of one settlement, on their way to the totals.
record Counted(Settlement settlement, List<CostLine> lines) {
  Counted {
    lines = List.copyOf(lines);
  }
}
