package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A live job and its places: in a line, and among the timers. Small, for a million of them may
/// wait. Owned by one thread.
final class LiveJob {
  private static final Placement NOWHERE = new Placement("", "", 0, "");

  /// Where a job stands until its turn comes.
  interface Line {
    /// The job stands here no longer.
    void left(LiveJob job);
  }

  private Job job;
  private Placement placement = NOWHERE;
  private @Nullable Line line;

  /// Places in the heaps it is part of.
  int inLine = IndexedHeap.NOWHERE;

  int inTimers = IndexedHeap.NOWHERE;

  /// When time itself concerns it again, milliseconds since the epoch.
  long dueMillis;

  LiveJob(Job job) {
    this.job = job;
  }

  JobId id() {
    return job.id();
  }

  Job job() {
    return job;
  }

  void become(Job after) {
    job = after;
  }

  /// Where it goes when its turn comes.
  Placement placement() {
    return placement;
  }

  boolean queued() {
    return line != null;
  }

  boolean waits() {
    return job.phase() instanceof Phase.Waiting;
  }

  /// Whether it waits and its time has come.
  boolean waitsAt(Instant now) {
    return job.phase() instanceof Phase.Waiting waiting && !waiting.notBefore().isAfter(now);
  }

  void stand(Line in, Placement goesTo) {
    line = in;
    placement = goesTo;
  }

  void leaveLine() {
    if (line != null) {
      Line from = line;
      line = null;
      from.left(this);
    }
  }

  /// Its line is no more.
  void dropLine() {
    line = null;
    inLine = IndexedHeap.NOWHERE;
  }
}
