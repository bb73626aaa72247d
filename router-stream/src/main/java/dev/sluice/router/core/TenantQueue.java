package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/// The jobs of one class that wait for one pool: first come first served within a tenant,
/// token-weighted deficit round robin between tenants.
///
/// Each visit gives a tenant a quantum of tokens in proportion to its share; it sends jobs while
/// its deficit covers their estimates. So a tenant with a thousand jobs, or with huge ones, moves
/// another tenant's wait by at most one visit. Entries that no longer wait are skipped when met.
final class TenantQueue {
  /// Tokens a tenant with share 1 may send per visit; above the usual job, so that a visit moves.
  static final long QUANTUM_TOKENS = 4_096;

  /// Jobs of a line by which the places of the others can be told, about as many.
  private static final int MARKS = 32;

  private static final class Line {
    final String tenant;
    final Deque<Entry> entries = new ArrayDeque<>();
    long deficitTokens;

    /// Whether this visit's quantum has been given.
    boolean visited;

    /// Jobs that left it to be released, count.
    long taken;

    Line(String tenant) {
      this.tenant = tenant;
    }
  }

  private record Entry(JobId id, long tokens) {}

  private final Map<String, Line> byTenant = new HashMap<>();
  private final Deque<Line> round = new ArrayDeque<>();
  private int size;

  /// Entries, those that no longer wait included.
  int size() {
    return size;
  }

  void add(String tenant, JobId id, long tokens) {
    Line line = byTenant.get(tenant);
    if (line == null) {
      line = new Line(tenant);
      byTenant.put(tenant, line);
      round.addLast(line);
    }
    line.entries.addLast(new Entry(id, Math.max(1, tokens)));
    size++;
  }

  /// Takes the next job.
  ///
  /// @param waits whether an entry still waits here
  /// @param shares weight of a tenant, from 1
  Optional<JobId> poll(Predicate<JobId> waits, ToIntFunction<String> shares) {
    while (!round.isEmpty()) {
      Line line = round.getFirst();
      dropStale(line, waits);
      Entry head = line.entries.peekFirst();
      if (head == null) {
        round.removeFirst();
        byTenant.remove(line.tenant);
        continue;
      }
      if (!line.visited) {
        line.visited = true;
        line.deficitTokens += QUANTUM_TOKENS * Math.max(1, shares.applyAsInt(line.tenant));
      }
      if (line.deficitTokens >= head.tokens || round.size() == 1) {
        line.deficitTokens = Math.max(0, line.deficitTokens - head.tokens);
        line.entries.removeFirst();
        line.taken++;
        size--;
        return Optional.of(head.id);
      }
      line.visited = false;
      round.addLast(round.removeFirst());
    }
    return Optional.empty();
  }

  /// The lines as they stand. Looks at every entry once; those that no longer wait are counted
  /// until they are met.
  List<WaitingLine> lines(String pool, Priority priority) {
    List<WaitingLine> lines = new ArrayList<>(round.size());
    for (Line line : round) {
      if (!line.entries.isEmpty()) {
        lines.add(
            new WaitingLine(
                new WaitingLine.Name(pool, priority, line.tenant),
                line.entries.size(),
                line.taken,
                marks(line.entries)));
      }
    }
    return lines;
  }

  private static List<WaitingLine.Mark> marks(Deque<Entry> entries) {
    int step = Math.max(1, (entries.size() - 1) / (MARKS - 1));
    List<WaitingLine.Mark> marks = new ArrayList<>(MARKS + 1);
    int ahead = 0;
    for (Entry entry : entries) {
      if (ahead % step == 0 || ahead == entries.size() - 1) {
        marks.add(new WaitingLine.Mark(ahead, entry.id));
      }
      ahead++;
    }
    return marks;
  }

  /// The job created first of those that stand first in their tenants' lines.
  ///
  /// @param waits whether an entry still waits here
  Optional<JobId> oldest(Predicate<JobId> waits) {
    return round.stream()
        .map(line -> {
          dropStale(line, waits);
          return Optional.ofNullable(line.entries.peekFirst()).map(Entry::id);
        })
        .flatMap(Optional::stream)
        .min(Comparator.naturalOrder());
  }

  private void dropStale(Line line, Predicate<JobId> waits) {
    Entry head = line.entries.peekFirst();
    while (head != null && !waits.test(head.id)) {
      line.entries.removeFirst();
      size--;
      head = line.entries.peekFirst();
    }
  }
}
