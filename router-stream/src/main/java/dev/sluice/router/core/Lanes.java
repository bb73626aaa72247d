package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// One tenant's jobs in one queue, in lanes: the most urgent first within a lane and among those
/// that are not parked. Owned by one thread.
final class Lanes {

  /// @param tokens what it counts in the fairness account
  /// @param urgency the smaller the sooner, milliseconds since the epoch
  record Entry(JobId id, long tokens, long urgency) {}

  private static final Comparator<Entry> BY_URGENCY =
      Comparator.comparingLong(Entry::urgency).thenComparing(Entry::id);

  private static final class Lane {
    final String name;
    final PriorityQueue<Entry> entries = new PriorityQueue<>(BY_URGENCY);
    boolean parked;

    /// Whether it was parked when the lines were last looked at.
    boolean parkedBefore;

    Lane(String name) {
      this.name = name;
    }

    Entry head() {
      return entries.element();
    }
  }

  private final Map<String, Lane> byName = new HashMap<>();

  /// Those that are neither empty nor parked. A lane is taken out before its head changes.
  private final TreeSet<Lane> open =
      new TreeSet<>(Comparator.comparing(Lane::head, BY_URGENCY).thenComparing(lane -> lane.name));

  boolean isEmpty() {
    return byName.isEmpty();
  }

  /// @return whether it may be taken: its lane is not parked
  boolean add(String name, Entry entry) {
    Lane lane = byName.computeIfAbsent(name, Lane::new);
    if (lane.parked) {
      lane.entries.add(entry);
      return false;
    }
    boolean leads = lane.entries.isEmpty() || BY_URGENCY.compare(entry, lane.head()) < 0;
    if (leads && !lane.entries.isEmpty()) {
      open.remove(lane);
    }
    lane.entries.add(entry);
    if (leads) {
      open.add(lane);
    }
    return true;
  }

  /// Entries that may be taken, those that no longer wait included.
  int openEntries() {
    int entries = 0;
    for (Lane lane : open) {
      entries += lane.entries.size();
    }
    return entries;
  }

  boolean parked(String name) {
    Lane lane = byName.get(name);
    return lane != null && lane.parked;
  }

  /// The most urgent entry that may be taken; null when there is none.
  @Nullable Entry first() {
    return open.isEmpty() ? null : open.first().head();
  }

  void removeFirst() {
    Lane lane = open.removeFirst();
    lane.entries.remove();
    if (lane.entries.isEmpty()) {
      byName.remove(lane.name);
    } else {
      open.add(lane);
    }
  }

  /// Parks the lane of the first entry.
  ///
  /// @return its entries, count
  int parkFirst() {
    Lane lane = open.removeFirst();
    lane.parked = true;
    return lane.entries.size();
  }

  /// @return entries that may be taken again, count
  int unpark() {
    int opened = 0;
    for (Lane lane : byName.values()) {
      if (lane.parked) {
        lane.parked = false;
        opened += lane.entries.size();
        open.add(lane);
      }
    }
    return opened;
  }

  /// Drops entries that no longer wait from the heads of all lanes.
  ///
  /// @return those among them that might have been taken, count
  int dropStale(Predicate<JobId> waits) {
    int dropped = 0;
    for (Lane lane : List.copyOf(byName.values())) {
      if (!waits.test(lane.head().id())) {
        dropped += dropStale(lane, waits);
      }
    }
    return dropped;
  }

  private int dropStale(Lane lane, Predicate<JobId> waits) {
    int before = lane.entries.size();
    open.remove(lane);
    while (!lane.entries.isEmpty() && !waits.test(lane.head().id())) {
      lane.entries.remove();
    }
    if (lane.entries.isEmpty()) {
      byName.remove(lane.name);
    } else if (!lane.parked) {
      open.add(lane);
    }
    return lane.parked ? 0 : before - lane.entries.size();
  }

  /// What may not be taken, and has not been when this was last asked: a lane that parks for
  /// moments is not stuck.
  ///
  /// @param all whether nothing may be taken
  /// @param lanes by name, with the most urgent of each, that of all first
  record Stuck(boolean all, Map<String, JobId> lanes) {}

  Stuck stuck() {
    List<Lane> stuck = new ArrayList<>();
    for (Lane lane : byName.values()) {
      if (lane.parked && lane.parkedBefore) {
        stuck.add(lane);
      }
      lane.parkedBefore = lane.parked;
    }
    stuck.sort(Comparator.comparing(Lane::head, BY_URGENCY));
    Map<String, JobId> lanes = new LinkedHashMap<>();
    stuck.forEach(lane -> lanes.put(lane.name, lane.head().id()));
    return new Stuck(!byName.isEmpty() && stuck.size() == byName.size(), lanes);
  }

  Collection<JobId> heads() {
    return byName.values().stream().map(lane -> lane.head().id()).toList();
  }

  /// All entries, the most urgent first.
  List<JobId> inOrder() {
    List<Entry> all = new ArrayList<>();
    byName.values().forEach(lane -> all.addAll(lane.entries));
    all.sort(BY_URGENCY);
    return all.stream().map(Entry::id).toList();
  }
}
