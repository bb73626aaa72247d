package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Live jobs by their ids. A table with open addressing: of a million jobs the entries of a
/// `HashMap` would take 32 bytes each. Owned by one thread.
final class LiveJobs {
  private @Nullable LiveJob[] table = new @Nullable LiveJob[64];
  private int size;

  int size() {
    return size;
  }

  @Nullable LiveJob get(JobId id) {
    return table[slot(id)];
  }

  /// Adds a job that is not there.
  void add(LiveJob job) {
    if (++size > table.length / 4 * 3) {
      grow();
    }
    table[slot(job.id())] = job;
  }

  @Nullable LiveJob remove(JobId id) {
    int gap = slot(id);
    LiveJob removed = table[gap];
    if (removed == null) {
      return null;
    }
    size--;
    table[gap] = null;
    // What follows without a gap may have been displaced by it.
    int place = next(gap);
    LiveJob displaced = table[place];
    while (displaced != null) {
      table[place] = null;
      table[slot(displaced.id())] = displaced;
      place = next(place);
      displaced = table[place];
    }
    return removed;
  }

  /// All, in no order.
  Stream<LiveJob> stream() {
    return Arrays.stream(table).filter(Objects::nonNull).map(Objects::requireNonNull);
  }

  private void grow() {
    @Nullable LiveJob[] old = table;
    table = new @Nullable LiveJob[old.length * 2];
    for (LiveJob job : old) {
      if (job != null) {
        table[slot(job.id())] = job;
      }
    }
  }

  /// Where a job is, or would be.
  private int slot(JobId id) {
    int place = hash(id) & (table.length - 1);
    LiveJob there = table[place];
    while (there != null && !there.id().equals(id)) {
      place = next(place);
      there = table[place];
    }
    return place;
  }

  private int next(int place) {
    return (place + 1) & (table.length - 1);
  }

  /// The random part of ids is their lower; those of tests count from 0.
  private static int hash(JobId id) {
    long mixed = (id.low() ^ id.high()) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
