package dev.sluice.ingress.kafka;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Values of records that were read or written a moment ago, by their place in the log; those not
/// asked for longest go first. Bounded in bytes. Safe for use by many threads.
final class RecordCache {
  /// What an entry costs beside its value.
  private static final int ENTRY_BYTES = 128;

  private final long maxBytes;
  private final long maxValueBytes;
  private final LinkedHashMap<Place, byte[]> values = new LinkedHashMap<>(256, 0.75f, true);
  private long bytes;

  private record Place(TopicPartition partition, long offset) {}

  /// A value larger than a sixteenth of `maxBytes` is not kept.
  RecordCache(long maxBytes) {
    this.maxBytes = maxBytes;
    this.maxValueBytes = maxBytes / 16;
  }

  synchronized byte @Nullable [] get(TopicPartition partition, long offset) {
    return values.get(new Place(partition, offset));
  }

  synchronized void put(TopicPartition partition, long offset, byte @Nullable [] value) {
    if (value == null || value.length > maxValueBytes) {
      return;
    }
    if (values.put(new Place(partition, offset), value) == null) {
      bytes += value.length + ENTRY_BYTES;
    }
    Iterator<Map.Entry<Place, byte[]>> eldest = values.entrySet().iterator();
    while (bytes > maxBytes) {
      bytes -= eldest.next().getValue().length + ENTRY_BYTES;
      eldest.remove();
    }
  }

  synchronized long bytes() {
    return bytes;
  }
}
