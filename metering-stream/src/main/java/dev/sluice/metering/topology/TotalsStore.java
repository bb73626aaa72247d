package dev.sluice.metering.topology;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.metering.core.BucketKey;
import dev.sluice.metering.core.CostLine;
import dev.sluice.metering.core.UsageTally;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/// The running totals, and marks on those whose topic does not have their last value yet. A mark is
/// committed with the change it stands for, so that no crash leaves a topic behind its total.
/// Totals that change often are not read back each time: nobody else writes to the store, and a
/// task that starts again makes another of these. Owned by the task's thread.
final class TotalsStore {
  private static final String MARK = "unwritten|";

  /// Totals not read back, of some 1 KB each.
  private static final int REMEMBERED = 1_000;

  private final KeyValueStore<String, CostBucket> store;
  private final Map<BucketKey, Remembered> lately =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<BucketKey, Remembered> eldest) {
          return size() > REMEMBERED;
        }
      };

  /// @param name of the total in the store
  /// @param tally as the store holds it
  private record Remembered(String name, UsageTally tally) {}

  /// @param name in the store: its period, a bar, and the key in the period's topic
  record Total(String name, CostBucket bucket) {}

  TotalsStore(ProcessorContext<?, ?> context) {
    this.store = context.getStateStore(StoreNames.TOTALS);
  }

  Total add(BucketKey key, List<CostLine> lines) {
    Remembered before = lately.computeIfAbsent(key, this::read);
    UsageTally tally = before.tally();
    for (CostLine line : lines) {
      tally = tally.plus(line);
    }
    CostBucket bucket = CostRecords.bucket(key, tally);
    store.put(before.name(), bucket);
    lately.put(key, new Remembered(before.name(), tally));
    return new Total(before.name(), bucket);
  }

  private Remembered read(BucketKey key) {
    String name = key.period() + "|" + key.text();
    return new Remembered(name, CostRecords.tally(store.get(name)));
  }

  CostBucket get(String name) {
    return store.get(name);
  }

  void mark(Total total) {
    store.put(MARK + total.name(), total.bucket());
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
