package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One tenant's line before one pool in one class, as it stands.
///
/// @param jobs in it, count
/// @param taken jobs that left it towards the pool since it began, count
/// @param marks some of its jobs, first to last
/// @param held why nothing of it may be released, once that has lasted; empty while something may
/// @param heldLanes where something may: which lanes may not, and why; of many only some
public record WaitingLine(
    Name name,
    long jobs,
    long taken,
    List<Mark> marks,
    Optional<Phase.Hold> held,
    Map<String, Phase.Hold> heldLanes) {
  public WaitingLine {
    marks = List.copyOf(marks);
    heldLanes = Map.copyOf(heldLanes);
  }

  WaitingLine heldBy(Phase.Hold hold) {
    return new WaitingLine(name, jobs, taken, marks, Optional.of(hold), Map.of());
  }

  public record Name(String pool, Priority priority, String tenant) {}

  /// @param ahead jobs before it, count
  public record Mark(long ahead, JobId id) {}
}
