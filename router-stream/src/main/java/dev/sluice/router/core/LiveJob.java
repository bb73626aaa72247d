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
    /// Which of its tenant's lines before its pool this is.
    String lane();

    /// The job stands here no longer.
    void left(LiveJob job);
  }

  private Job job;
  private Placement placement = NOWHERE;
  private @Nullable Line line;

  /// Places in the heaps it is part of.
  int inLine = IndexedHeap.NOWHERE;

  int inTimers = IndexedHeap.NOWHERE;

  /// The round of placing in which it was last placed.
  int round;

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

  /// Whether it stands in a lane before a pool; of a job that goes on waiting the rest of a line
  /// never changes.
  boolean standsIn(String pool, String lane) {
    return line != null && placement.pool().equals(pool) && line.lane().equals(lane);
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

  /// It goes elsewhere in the same pool, or for another reason.
  void goesTo(Placement other) {
    placement = other;
  }

  void leaveLine() {
    if (line != null) {
      Line from = line;
      line = null;
      from.left(this);
    }
  }
}
