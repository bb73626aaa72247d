package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.util.List;

/// One tenant's line before one pool in one class, as it stands.
///
/// @param jobs in it, count
/// @param taken jobs that left it towards the pool since it began, count
/// @param marks some of its jobs, first to last
public record WaitingLine(Name name, long jobs, long taken, List<Mark> marks) {
  public WaitingLine {
    marks = List.copyOf(marks);
  }

  public record Name(String pool, Priority priority, String tenant) {}

  /// @param ahead jobs before it, count
  public record Mark(long ahead, JobId id) {}
}
