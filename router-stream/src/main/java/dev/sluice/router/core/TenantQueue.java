package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// The jobs of one class that wait for one pool: the most urgent first within a tenant,
/// token-weighted deficit round robin between tenants.
///
/// Each visit gives a tenant a quantum of tokens in proportion to its share; it sends jobs while
/// its deficit covers their estimates. So a tenant with a thousand jobs, or with huge ones, moves
/// another tenant's wait by at most one visit. A tenant's jobs stand in lanes, those in one lane
/// before the same limits: a lane whose first job a limit holds back is parked, costs nothing, and
/// keeps nobody else, until it is unparked. Entries that no longer wait are skipped when met.
final class TenantQueue {
  /// Tokens a tenant with share 1 may send per visit; above the usual job, so that a visit moves.
  static final long QUANTUM_TOKENS = 4_096;

  /// Jobs of a line by which the places of the others can be told, about as many.
  private static final int MARKS = 32;

  private static final class Line {
    final String tenant;
    final Lanes lanes = new Lanes();
    long deficitTokens;

    /// Whether this visit's quantum has been given.
    boolean visited;

    /// Whether it stands in the round.
    boolean waits;

    /// Jobs that left it to be released, count.
    long taken;

    Line(String tenant) {
      this.tenant = tenant;
    }
  }

  private final Map<String, Line> byTenant = new LinkedHashMap<>();
  private final Deque<Line> round = new ArrayDeque<>();
  private int size;

  /// Entries that may be taken, those that no longer wait included.
  int size() {
    return size;
  }

  /// Entries of a tenant that may be taken, those that no longer wait included.
  int openEntries(String tenant) {
    Line line = byTenant.get(tenant);
    return line == null ? 0 : line.lanes.openEntries();
  }

  /// Tenants that have entries here.
  Set<String> tenants() {
    return byTenant.keySet();
  }

  /// @param lane the limits it stands before
  void add(String tenant, String lane, Lanes.Entry entry) {
    Line line = byTenant.computeIfAbsent(tenant, Line::new);
    if (line.lanes.add(lane, entry)) {
      size++;
      enterRound(line);
    }
  }

  private void enterRound(Line line) {
    if (!line.waits) {
      line.waits = true;
      round.addLast(line);
    }
  }

  /// Whether a tenant's jobs of a lane are held back by a limit.
  boolean parked(String tenant, String lane) {
    Line line = byTenant.get(tenant);
    return line != null && line.lanes.parked(lane);
  }

  /// Something has become free for a tenant: its lanes are tried again.
  void unpark(String tenant) {
    Line line = byTenant.get(tenant);
    int opened = line == null ? 0 : line.lanes.unpark();
    if (line != null && opened > 0) {
      size += opened;
      enterRound(line);
    }
  }

  /// Takes the next job.
  ///
  /// @param waits whether an entry still waits here
  /// @param admits whether no limit holds it back
  /// @param shares weight of a tenant, from 1
  Optional<JobId> poll(
      Predicate<JobId> waits, Predicate<JobId> admits, ToIntFunction<String> shares) {
    while (!round.isEmpty()) {
      Line line = round.getFirst();
      Lanes.@Nullable Entry head = head(line, waits, admits);
      if (head == null) {
        round.removeFirst();
        line.waits = false;
        line.visited = false;
        if (line.lanes.isEmpty()) {
          byTenant.remove(line.tenant);
        }
        continue;
      }
      if (!line.visited) {
        line.visited = true;
        line.deficitTokens += QUANTUM_TOKENS * Math.max(1, shares.applyAsInt(line.tenant));
      }
      if (line.deficitTokens >= head.tokens() || round.size() == 1) {
        line.deficitTokens = Math.max(0, line.deficitTokens - head.tokens());
        line.lanes.removeFirst();
        line.taken++;
        size--;
        return Optional.of(head.id());
      }
      line.visited = false;
      round.addLast(round.removeFirst());
    }
    return Optional.empty();
  }

  /// The most urgent entry of a line that waits and that no limit holds back; lanes before it are
  /// parked.
  private Lanes.@Nullable Entry head(Line line, Predicate<JobId> waits, Predicate<JobId> admits) {
    Lanes.@Nullable Entry head = fresh(line, waits);
    while (head != null && !admits.test(head.id())) {
      size -= line.lanes.parkFirst();
      head = fresh(line, waits);
    }
    return head;
  }

  private Lanes.@Nullable Entry fresh(Line line, Predicate<JobId> waits) {
    Lanes.@Nullable Entry head = line.lanes.first();
    while (head != null && !waits.test(head.id())) {
      line.lanes.removeFirst();
      size--;
      head = line.lanes.first();
    }
    return head;
  }

  /// The lines as they stand. Looks at every entry once; those that no longer wait are counted
  /// until they are met.
  ///
  /// @param holds why a job that is first in a parked lane may not be released
  List<WaitingLine> lines(
      String pool, Priority priority, Function<JobId, Optional<Phase.Hold>> holds) {
    List<WaitingLine> lines = new ArrayList<>(byTenant.size());
    for (Line line : byTenant.values()) {
      List<JobId> inOrder = line.lanes.inOrder();
      if (!inOrder.isEmpty()) {
        Map<String, Phase.Hold> held = new LinkedHashMap<>();
        Lanes.Stuck stuck = line.lanes.stuck();
        stuck.lanes().entrySet().stream()
            .limit(MARKS)
            .forEach(lane ->
                holds.apply(lane.getValue()).ifPresent(why -> held.put(lane.getKey(), why)));
        lines.add(
            new WaitingLine(
                new WaitingLine.Name(pool, priority, line.tenant),
                inOrder.size(),
                line.taken,
                marks(inOrder),
                stuck.all() ? held.values().stream().findFirst() : Optional.empty(),
                stuck.all() ? Map.of() : held));
      }
    }
    return lines;
  }

  private static List<WaitingLine.Mark> marks(List<JobId> inOrder) {
    int step = Math.max(1, (inOrder.size() - 1) / (MARKS - 1));
    List<WaitingLine.Mark> marks = new ArrayList<>(MARKS + 1);
    for (int ahead = 0; ahead < inOrder.size(); ahead++) {
      if (ahead % step == 0 || ahead == inOrder.size() - 1) {
        marks.add(new WaitingLine.Mark(ahead, inOrder.get(ahead)));
      }
    }
    return marks;
  }

  /// The job created first of those that stand first in their lanes.
  ///
  /// @param waits whether an entry still waits here
  Optional<JobId> oldest(Predicate<JobId> waits) {
    byTenant.values().forEach(line -> size -= line.lanes.dropStale(waits));
    return byTenant.values().stream()
        .flatMap(line -> line.lanes.heads().stream())
        .min(Comparator.naturalOrder());
  }
}
