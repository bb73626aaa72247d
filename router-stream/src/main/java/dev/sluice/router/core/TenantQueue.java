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
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The jobs of one class that wait for one pool: the most urgent first within a tenant,
/// token-weighted deficit round robin between tenants.
///
/// Each visit gives a tenant a quantum of tokens in proportion to its share; it sends jobs while
/// its deficit covers their estimates. So a tenant with a thousand jobs, or with huge ones, moves
/// another tenant's wait by at most one visit. The quantum is the size of the largest job met
/// lately: a visit moves, and small jobs take turns one by one. A tenant's jobs stand in lanes,
/// those in one lane before the same limits: a lane whose first job a limit holds back is parked,
/// costs nothing, and keeps nobody else, until it is unparked.
final class TenantQueue {
  /// By so much of itself the quantum shrinks with each visit, unless a job as large comes.
  private static final int QUANTUM_MEMORY = 64;

  /// Jobs of a line by which the places of the others can be told, about as many.
  private static final int MARKS = 32;

  /// Jobs of a line that are looked at for that: of a longer line the marks are known to about a
  /// hundredth of its length.
  private static final int LOOKS = 4_096;

  /// What becomes of a job whose turn has come.
  enum Turn {
    GOES,
    /// It is to be placed anew instead: it leaves its line, and that is nobody's loss.
    MOVES,
    /// A limit holds it back, and all that stand before the same limits.
    PARKS,
    /// It alone is held back.
    STEPS_ASIDE
  }

  private final class Line implements Lanes.Owner {
    final String tenant;
    final Lanes lanes = new Lanes(this);
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

    @Override
    public void changed(int open, int all) {
      openJobs += open;
      jobs += all;
      if (open > 0 && !waits) {
        waits = true;
        round.addLast(this);
      }
      if (!waits && lanes.isEmpty()) {
        byTenant.remove(tenant);
      }
    }
  }

  private final Map<String, Line> byTenant = new LinkedHashMap<>();
  private final Deque<Line> round = new ArrayDeque<>();
  private long quantumTokens = 1;

  /// What was said of the last head.
  private Turn said = Turn.GOES;

  private int openJobs;
  private int jobs;

  /// Jobs that may be taken, count.
  int size() {
    return openJobs;
  }

  /// Jobs that wait, those included that a limit holds back, count.
  int jobs() {
    return jobs;
  }

  /// Jobs of a tenant that may be taken, count.
  int openJobs(String tenant) {
    Line line = byTenant.get(tenant);
    return line == null ? 0 : line.lanes.openJobs();
  }

  /// Tenants that have jobs here.
  Set<String> tenants() {
    return byTenant.keySet();
  }

  /// @param lane the limits it stands before
  void add(LiveJob job, String lane, Placement goesTo) {
    byTenant.computeIfAbsent(job.job().tenant(), Line::new).lanes.add(lane, job, goesTo);
  }

  /// Whether a tenant's jobs of a lane are held back by a limit.
  boolean parked(String tenant, String lane) {
    Line line = byTenant.get(tenant);
    return line != null && line.lanes.parked(lane);
  }

  /// Something has become free for a tenant: its lanes are tried again.
  void unpark(String tenant) {
    Line line = byTenant.get(tenant);
    if (line != null) {
      line.lanes.unpark();
    }
  }

  /// Other limits hold: all lanes are tried again.
  void unparkAll() {
    byTenant.values().forEach(line -> line.lanes.unpark());
  }

  /// Takes the next job out of its line.
  ///
  /// @param turn what becomes of a job whose turn has come
  /// @param shares weight of a tenant, above 0
  Optional<LiveJob> poll(Function<LiveJob, Turn> turn, ToDoubleFunction<String> shares) {
    while (!round.isEmpty()) {
      Line line = round.getFirst();
      LiveJob head = head(line, turn);
      if (head == null) {
        round.removeFirst();
        line.waits = false;
        line.visited = false;
        if (line.lanes.isEmpty()) {
          byTenant.remove(line.tenant);
        }
        continue;
      }
      if (said == Turn.MOVES) {
        head.leaveLine();
        return Optional.of(head);
      }
      long tokens = Math.max(1, head.job().estimatedTokens());
      if (!line.visited) {
        line.visited = true;
        quantumTokens = Math.max(tokens, quantumTokens * (QUANTUM_MEMORY - 1) / QUANTUM_MEMORY);
        line.deficitTokens +=
            Math.max(1, Math.round(quantumTokens * shares.applyAsDouble(line.tenant)));
      }
      if (line.deficitTokens >= tokens || round.size() == 1) {
        line.deficitTokens = Math.max(0, line.deficitTokens - tokens);
        line.taken++;
        head.leaveLine();
        return Optional.of(head);
      }
      line.visited = false;
      round.addLast(round.removeFirst());
    }
    return Optional.empty();
  }

  /// The most urgent job of a line that may go; lanes before it are parked.
  private @Nullable LiveJob head(Line line, Function<LiveJob, Turn> turn) {
    LiveJob head = line.lanes.first();
    while (head != null) {
      said = turn.apply(head);
      switch (said) {
        case GOES, MOVES -> {
          return head;
        }
        case PARKS -> line.lanes.parkFirst();
        case STEPS_ASIDE -> head.leaveLine();
      }
      head = line.lanes.first();
    }
    return null;
  }

  /// The lines as they stand. Looks at some thousand jobs of each.
  ///
  /// @param holds why a job that is first in a parked lane may not be released
  List<WaitingLine> lines(
      String pool, Priority priority, Function<JobId, Optional<Phase.Hold>> holds) {
    List<WaitingLine> lines = new ArrayList<>(byTenant.size());
    for (Line line : byTenant.values()) {
      int waiting = line.lanes.size();
      if (waiting > 0) {
        Map<String, Phase.Hold> held = new LinkedHashMap<>();
        Lanes.Stuck stuck = line.lanes.stuck();
        stuck.lanes().entrySet().stream()
            .limit(MARKS)
            .forEach(lane ->
                holds.apply(lane.getValue()).ifPresent(why -> held.put(lane.getKey(), why)));
        lines.add(
            new WaitingLine(
                new WaitingLine.Name(pool, priority, line.tenant),
                waiting,
                line.taken,
                marks(line.lanes, waiting),
                stuck.all() ? held.values().stream().findFirst() : Optional.empty(),
                stuck.all() ? Map.of() : held));
      }
    }
    return lines;
  }

  private static List<WaitingLine.Mark> marks(Lanes lanes, int waiting) {
    List<JobId> looked = lanes.inOrder(Math.ceilDiv(waiting, LOOKS));
    double each = looked.size() == 1 ? 0 : (waiting - 1) / (looked.size() - 1.0);
    int step = Math.max(1, (looked.size() - 1) / (MARKS - 1));
    List<WaitingLine.Mark> marks = new ArrayList<>(MARKS + 1);
    for (int i = 0; i < looked.size(); i++) {
      if (i % step == 0 || i == looked.size() - 1) {
        marks.add(new WaitingLine.Mark(Math.round(i * each), looked.get(i)));
      }
    }
    return marks;
  }

  /// The job created first of those that stand first in their lanes.
  Optional<JobId> oldest() {
    return byTenant.values().stream()
        .flatMap(line -> line.lanes.heads())
        .min(Comparator.naturalOrder());
  }
}
