package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is known of jobs, by their ids, in the order in which they came. Of a million jobs the
/// entries of a `HashMap` would take 32 bytes each, and looking at all of them in no order would
/// wait for memory at each. Owned by one thread.
public final class JobTable<V> {
  private static final int SMALLEST = 64;

  private final Function<? super V, JobId> idOf;

  /// Open addressing, a third more slots than entries; 0 where nothing is. The lower bits, as many
  /// as number a slot, are a place in [#entries] plus one; those above are of the id's hash, so
  /// that nearly no entry is looked at that is not the one.
  private int[] slots = new int[SMALLEST];

  private @Nullable Object[] entries = new Object[SMALLEST / 4 * 3];

  /// Entries in use, with the gaps that removed ones have left.
  private int end;

  private int size;

  /// @param idOf the id that an entry says is its own
  public JobTable(Function<? super V, JobId> idOf) {
    this.idOf = idOf;
  }

  public int size() {
    return size;
  }

  public @Nullable V get(JobId id) {
    int slot = slot(id);
    return slots[slot] == 0 ? null : at(slot);
  }

  /// Adds one, or puts it in the place of what was known under its id.
  public void put(V value) {
    JobId id = idOf.apply(value);
    int slot = slot(id);
    if (slots[slot] != 0) {
      entries[entry(slot)] = value;
    } else {
      add(id, value, slot);
    }
  }

  /// What is known under an id; where nothing is, that is added first.
  public V getOrAdd(JobId id, Supplier<V> missing) {
    int slot = slot(id);
    if (slots[slot] == 0) {
      add(id, missing.get(), slot);
      return value(Objects.requireNonNull(entries[end - 1]));
    }
    return at(slot);
  }

  /// Makes room for so many more, rather than growing with each of them.
  public void reserve(int more) {
    int wanted = slots.length;
    while (wanted / 4 * 3 < size + more) {
      wanted *= 2;
    }
    if (wanted > slots.length) {
      rebuild(wanted);
    }
  }

  private void add(JobId id, Object value, int free) {
    int slot = free;
    if (end == entries.length) {
      // Closes the gaps, and makes room where there are few.
      rebuild(size > end / 2 ? slots.length * 2 : slots.length);
      slot = slot(id);
    }
    append(id, value, slot);
    size++;
  }

  private void append(JobId id, Object value, int slot) {
    entries[end++] = value;
    slots[slot] = (hash(id) & ~mask()) | end;
  }

  public @Nullable V remove(JobId id) {
    int gap = slot(id);
    if (slots[gap] == 0) {
      return null;
    }
    V removed = at(gap);
    entries[entry(gap)] = null;
    slots[gap] = 0;
    size--;
    // What follows without a gap may have been displaced by it.
    for (int slot = next(gap); slots[slot] != 0; slot = next(slot)) {
      int displaced = slots[slot];
      JobId of = idOf.apply(at(slot));
      slots[slot] = 0;
      slots[slot(of)] = displaced;
    }
    return removed;
  }

  /// All, in the order in which their ids came.
  @SuppressWarnings("unchecked")
  public Stream<V> stream() {
    return (Stream<V>) Arrays.stream(entries, 0, end).filter(Objects::nonNull);
  }

  private void rebuild(int slotCount) {
    @Nullable Object[] old = entries;
    int before = end;
    entries = new Object[slotCount / 4 * 3];
    slots = new int[slotCount];
    end = 0;
    for (int i = 0; i < before; i++) {
      Object kept = old[i];
      if (kept != null) {
        JobId id = idOf.apply(value(kept));
        append(id, kept, slot(id));
      }
    }
  }

  private V at(int slot) {
    return value(Objects.requireNonNull(entries[entry(slot)]));
  }

  @SuppressWarnings("unchecked")
  private V value(Object entry) {
    return (V) entry;
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
        && !(((slots[slot] ^ hash) & ~mask()) == 0 && idOf.apply(at(slot)).equals(id))) {
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
