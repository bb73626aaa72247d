package dev.sluice.ingress.core;

import dev.sluice.contract.model.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Where a waiting job stands in its tenant's line. An estimate: the line is told once a second, by
/// some of its jobs only.
///
/// @param position jobs before it, count
/// @param etaSeconds until its turn at the pace of the last seconds; empty while nothing moves
public record QueuePlace(long position, OptionalLong etaSeconds) {

  /// A line told longer ago says nothing: its writer may be gone.
  private static final Duration FRESH = Duration.ofSeconds(15);

  /// One tenant's line before one pool in one class.
  ///
  /// @param waiting jobs in it, count
  /// @param perSecond jobs that leave it, a second
  /// @param marks some of its jobs, first to last
  /// @param at when it was told
  /// @param held why nothing of it may be released; empty while something may
  /// @param heldLanes where something may: which lanes may not, and why
  public record Line(
      String pool,
      long waiting,
      double perSecond,
      List<Mark> marks,
      Instant at,
      Optional<Hold> held,
      Map<String, Hold> heldLanes) {
    public Line {
      marks = List.copyOf(marks);
      heldLanes = Map.copyOf(heldLanes);
    }

    private Optional<Hold> holds(String lane) {
      return held.or(() -> Optional.ofNullable(heldLanes.get(lane)));
    }

    private boolean tells(Instant now) {
      return waiting > 0 && !at.plus(FRESH).isBefore(now);
    }
  }

  /// What a job is held by, in whichever of these lines it stands; empty where there are none, or
  /// where it may move in one.
  ///
  /// @param lane the limits it stands before
  public static Optional<Hold> heldIn(List<Line> lines, String lane, Instant now) {
    List<Line> told = lines.stream().filter(line -> line.tells(now)).toList();
    return told.stream().allMatch(line -> line.holds(lane).isPresent())
        ? told.stream().flatMap(line -> line.holds(lane).stream()).findFirst()
        : Optional.empty();
  }

  /// @param ahead jobs before it, count
  public record Mark(long ahead, JobId id) {}

  /// The place of a job that waits in one of these lines; empty when it cannot be told. Where it
  /// may wait for several pools, the longest wait is told.
  public static Optional<QueuePlace> of(JobId id, List<Line> lines, Instant now) {
    return lines.stream()
        .filter(line -> line.tells(now))
        .map(line -> in(id, line))
        .max(
            java.util.Comparator.<QueuePlace>comparingLong(
                    place -> place.etaSeconds().orElse(Long.MAX_VALUE))
                .thenComparingLong(QueuePlace::position));
  }

  private static QueuePlace in(JobId id, Line line) {
    long ahead = ahead(id, line);
    return new QueuePlace(
        ahead,
        line.perSecond() > 0
            ? OptionalLong.of((long) Math.ceil((ahead + 1) / line.perSecond()))
            : OptionalLong.empty());
  }

  /// Jobs wait in the order in which they came, so a job stands between the marks that are older
  /// and younger than it.
  private static long ahead(JobId id, Line line) {
    Mark before = null;
    for (Mark mark : line.marks()) {
      if (mark.id().compareTo(id) >= 0) {
        return before == null ? mark.ahead() : between(before, mark, id);
      }
      before = mark;
    }
    return line.waiting();
  }

  private static long between(Mark before, Mark after, JobId id) {
    if (after.id().equals(id)) {
      return after.ahead();
    }
    long from = before.id().createdAt().toEpochMilli();
    long span = after.id().createdAt().toEpochMilli() - from;
    double share = span <= 0 ? 0.5 : (id.createdAt().toEpochMilli() - from) / (double) span;
    return before.ahead() + Math.round(share * (after.ahead() - before.ahead()));
  }
}
