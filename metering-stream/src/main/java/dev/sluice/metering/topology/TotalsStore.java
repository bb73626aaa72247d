package dev.sluice.metering.topology;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.metering.core.BucketKey;
import dev.sluice.metering.core.CostLine;
import dev.sluice.metering.core.UsageTally;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// The running totals, and marks on those whose topic does not have their last value yet. A mark is
/// committed with the change it stands for, so that no crash leaves a topic behind its total. Owned
/// by the task's thread.
final class TotalsStore {
  private static final String MARK = "unwritten|";

  private final KeyValueStore<String, CostBucket> store;

  TotalsStore(ProcessorContext<?, ?> context) {
    this.store = context.getStateStore(StoreNames.TOTALS);
  }

  static String name(BucketKey key) {
    return key.period() + "|" + key.text();
  }

  CostBucket add(BucketKey key, List<CostLine> lines) {
    String name = name(key);
    UsageTally tally = CostRecords.tally(store.get(name));
    for (CostLine line : lines) {
      tally = tally.plus(line);
    }
    CostBucket total = CostRecords.bucket(key, tally);
    store.put(name, total);
    return total;
  }

  CostBucket get(String name) {
    return store.get(name);
  }

  void mark(String name, CostBucket total) {
    store.put(MARK + name, total);
  }

  void unmark(String name) {
    store.delete(MARK + name);
  }

  List<String> marked() {
    List<String> names = new ArrayList<>();
    try (KeyValueIterator<String, CostBucket> marks =
        store.prefixScan(MARK, new StringSerializer())) {
      marks.forEachRemaining(mark -> names.add(mark.key.substring(MARK.length())));
    }
    return names;
  }
}
