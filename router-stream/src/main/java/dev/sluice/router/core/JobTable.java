package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Jobs by their ids, in the order in which they came: first as they are read back from the log,
/// and then, in the same table, as they live. Of a million jobs the entries of a `HashMap` would
/// take 32 bytes each, and looking at all of them in no order would wait for memory at each. Owned
/// by one thread.
public final class JobTable {
  private static final int SMALLEST = 64;

  /// Open addressing, a third more slots than entries; 0 where nothing is. The lower bits, as many
  /// as number a slot, are a place in [#entries] plus one; those above are of the id's hash, so
  /// that nearly no entry is looked at that is not the one.
  private int[] slots = new int[SMALLEST];

  private @Nullable LiveJob[] entries = new LiveJob[SMALLEST / 4 * 3];

  /// Entries in use, with the gaps that removed ones have left.
  private int end;

  private int size;

  public int size() {
    return size;
  }

  /// All jobs, in the order in which their ids came.
  public Stream<Job> jobs() {
    return stream().map(LiveJob::job);
  }

  public @Nullable Job job(JobId id) {
    LiveJob known = get(id);
    return known == null ? null : known.job();
  }

  /// Adds one, or puts it in the place of what was known under its id.
  public void put(Job job) {
    int slot = slot(job.id());
    if (slots[slot] != 0) {
      at(slot).become(job);
    } else {
      add(new LiveJob(job), slot);
    }
  }

  /// Forgets what is known under an id.
  public void forget(JobId id) {
    remove(id);
  }

  @Nullable LiveJob get(JobId id) {
    int slot = slot(id);
    return slots[slot] == 0 ? null : at(slot);
  }

  /// Adds one whose id is not known.
  LiveJob add(Job fresh) {
    LiveJob added = new LiveJob(fresh);
    add(added, slot(fresh.id()));
    return added;
  }

  private void add(LiveJob job, int free) {
    int slot = free;
    if (end == entries.length) {
      // Closes the gaps, and makes room where there are few.
      rebuild(size > end / 2 ? slots.length * 2 : slots.length);
      slot = slot(job.id());
    }
    append(job, slot);
    size++;
  }

  private void append(LiveJob job, int slot) {
    entries[end++] = job;
    slots[slot] = (hash(job.id()) & ~mask()) | end;
  }

  @Nullable LiveJob remove(JobId id) {
    int gap = slot(id);
    if (slots[gap] == 0) {
      return null;
    }
    LiveJob removed = at(gap);
    entries[entry(gap)] = null;
    slots[gap] = 0;
    size--;
    // What follows without a gap may have been displaced by it.
    for (int slot = next(gap); slots[slot] != 0; slot = next(slot)) {
      int displaced = slots[slot];
      JobId of = at(slot).id();
      slots[slot] = 0;
      slots[slot(of)] = displaced;
    }
    return removed;
  }

  /// All, in the order in which their ids came.
  Stream<LiveJob> stream() {
    return Arrays.stream(entries, 0, end).filter(Objects::nonNull);
  }

  private void rebuild(int slotCount) {
    @Nullable LiveJob[] old = entries;
    int before = end;
    entries = new LiveJob[slotCount / 4 * 3];
    slots = new int[slotCount];
    end = 0;
    for (int i = 0; i < before; i++) {
      LiveJob kept = old[i];
      if (kept != null) {
        append(kept, slot(kept.id()));
      }
    }
  }

  private LiveJob at(int slot) {
    return Objects.requireNonNull(entries[entry(slot)]);
  }

  private int entry(int slot) {
    return (slots[slot] & mask()) - 1;
  }

  private int mask() {
    return slots.length - 1;
  }

  /// Where the place of a job is kept, or would be.
  private int slot(JobId id) {
    int hash = hash(id);
    int slot = hash & mask();
    while (slots[slot] != 0
        && !(((slots[slot] ^ hash) & ~mask()) == 0 && at(slot).id().equals(id))) {
      slot = next(slot);
    }
    return slot;
  }

  private int next(int slot) {
    return (slot + 1) & mask();
  }

  /// The random part of ids is their lower; those of tests count from 0.
  private static int hash(JobId id) {
    long mixed = (id.low() ^ id.high()) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 32);
  }
}
