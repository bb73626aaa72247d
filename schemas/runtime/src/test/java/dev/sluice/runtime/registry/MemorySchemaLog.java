package dev.sluice.runtime.registry;

import dev.sluice.contract.avro.SchemaEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A log that outlives the registry over it, and can fail as a broker does.
final class MemorySchemaLog implements SchemaLog {
  enum Fault {
    NONE,
    /// The record is not written, and the writer is told so.
    REFUSED,
    /// The record is written, but the answer is lost.
    WRITTEN_UNANSWERED
  }

  record Line(String key, @Nullable SchemaEntry entry) {}

  final List<Line> lines = new ArrayList<>();
  private Fault next = Fault.NONE;
  private long compactedAway;

  MemorySchemaLog() {}

  /// What is left of a log after a crash.
  MemorySchemaLog(List<Line> prefix) {
    lines.addAll(prefix);
  }

  void failNext(Fault fault) {
    next = fault;
  }

  /// Keeps the last record of each key, as Kafka's cleaner may at any time.
  void compact() {
    Map<String, Line> kept = new LinkedHashMap<>();
    for (Line line : lines) {
      kept.remove(line.key());
      kept.put(line.key(), line);
    }
    compactedAway += lines.size() - kept.size();
    lines.clear();
    lines.addAll(kept.values());
  }

  @Override
  public long replay(Reader reader) {
    for (Line line : List.copyOf(lines)) {
      reader.read(line.key(), line.entry());
    }
    return compactedAway + lines.size();
  }

  @Override
  public long append(String key, @Nullable SchemaEntry entry) {
    Fault fault = next;
    next = Fault.NONE;
    if (fault == Fault.REFUSED) {
      throw new IllegalStateException("not written");
    }
    lines.add(new Line(key, entry));
    if (fault == Fault.WRITTEN_UNANSWERED) {
      throw new IllegalStateException("no answer");
    }
    return compactedAway + lines.size() - 1;
  }
}
