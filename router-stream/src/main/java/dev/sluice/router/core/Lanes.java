package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One tenant's jobs in one queue, in lanes: the most urgent first within a lane and among those
/// that are not parked. Owned by one thread.
final class Lanes {

  /// Whose jobs these are.
  interface Owner {
    /// More jobs stand here, or fewer.
    ///
    /// @param open of those that may be taken, count
    /// @param all count
    void changed(int open, int all);
  }

  private static final Comparator<LiveJob> BY_URGENCY =
      Comparator.<LiveJob>comparingLong(job -> job.job().urgency()).thenComparing(LiveJob::id);

  private final class Lane extends IndexedHeap<LiveJob> implements LiveJob.Line {
    final String name;
    boolean parked;

    /// Whether it was parked when the lines were last looked at.
    boolean parkedBefore;

    Lane(String name) {
      this.name = name;
    }

    @Override
    public String lane() {
      return name;
    }

    @Override
    boolean before(LiveJob a, LiveJob b) {
      return BY_URGENCY.compare(a, b) < 0;
    }

    @Override
    int place(LiveJob job) {
      return job.inLine;
    }

    @Override
    void place(LiveJob job, int place) {
      job.inLine = place;
    }

    @Override
    public void left(LiveJob job) {
      boolean led = first() == job;
      if (led) {
        open.remove(this);
      }
      remove(job);
      if (isEmpty()) {
        byName.remove(name);
      } else if (led) {
        open.add(this);
      }
      owner.changed(parked ? 0 : -1, -1);
      if (led && parked && !isEmpty()) {
        // Who stood behind it may fit where it did not.
        parked = false;
        owner.changed(size(), 0);
      }
    }
  }

  private final Owner owner;
  private final Map<String, Lane> byName = new HashMap<>();

  /// Those that are neither empty nor parked. A lane is taken out before its head changes.
  private final TreeSet<Lane> open =
      new TreeSet<>(
          Comparator.comparing((Lane lane) -> lane.first(), BY_URGENCY)
              .thenComparing(lane -> lane.name));

  Lanes(Owner owner) {
    this.owner = owner;
  }

  boolean isEmpty() {
    return byName.isEmpty();
  }

  void add(String name, LiveJob job, Placement goesTo) {
    Lane lane = byName.computeIfAbsent(name, Lane::new);
    boolean leads = lane.isEmpty() || lane.before(job, lane.first());
    if (leads && !lane.isEmpty()) {
      open.remove(lane);
    }
    job.stand(lane, goesTo);
    lane.settle(job);
    if (leads && !lane.parked) {
      open.add(lane);
    }
    owner.changed(lane.parked ? 0 : 1, 1);
  }

  /// Jobs that may be taken, count.
  int openJobs() {
    return open.stream().mapToInt(Lane::size).sum();
  }

  boolean parked(String name) {
    Lane lane = byName.get(name);
    return lane != null && lane.parked;
  }

  /// The most urgent job that may be taken; null when there is none.
  @Nullable LiveJob first() {
    return open.isEmpty() ? null : open.first().first();
  }

  /// Parks the lane of the first job.
  void parkFirst() {
    Lane lane = open.removeFirst();
    lane.parked = true;
    owner.changed(-lane.size(), 0);
  }

  void unpark() {
    for (Lane lane : byName.values()) {
      if (lane.parked) {
        lane.parked = false;
        open.add(lane);
        owner.changed(lane.size(), 0);
      }
    }
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
    stuck.sort(Comparator.comparing(Lane::first, BY_URGENCY));
    Map<String, JobId> lanes = new LinkedHashMap<>();
    stuck.forEach(lane -> lanes.put(lane.name, lane.first().id()));
    return new Stuck(!byName.isEmpty() && stuck.size() == byName.size(), lanes);
  }

  /// The most urgent of each lane.
  Stream<JobId> heads() {
    return byName.values().stream().map(lane -> lane.first().id());
  }

  /// One job of every so many, whatever its urgency and its lane, and always the most urgent; the
  /// most urgent first.
  ///
  /// @param step 1 for all
  List<JobId> inOrder(int step) {
    List<LiveJob> some = new ArrayList<>();
    @Nullable LiveJob leads = null;
    int before = 0;
    int next = 0;
    for (Lane lane : byName.values()) {
      if (leads == null || BY_URGENCY.compare(lane.first(), leads) < 0) {
        leads = lane.first();
      }
      int place = within(next, step) - before;
      while (place < lane.size()) {
        some.add(lane.at(place));
        next += step;
        place = within(next, step) - before;
      }
      before += lane.size();
    }
    if (leads != null && !some.contains(leads)) {
      some.add(leads);
    }
    some.sort(BY_URGENCY);
    return some.stream().map(LiveJob::id).toList();
  }

  /// A place in a stretch of so many: another in each, as the order of a heap has a pattern.
  private static int within(int from, int step) {
    return from + Math.floorMod((int) ((from * 0x9e3779b97f4a7c15L) >>> 32), step);
  }

  /// All jobs, count.
  int size() {
    return byName.values().stream().mapToInt(Lane::size).sum();
  }
}
