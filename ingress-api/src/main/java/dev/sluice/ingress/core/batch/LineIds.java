package dev.sluice.ingress.core.batch;

import dev.sluice.contract.model.JobId;
import java.time.Instant;

/// The job ids of a batch's lines. A line's id is a function of its batch and its number, so a
/// result finds its line without a table, and a new runner knows every id of its predecessor.
///
/// @param createdAt of the batch
/// @param replyPartition of all its lines
/// @param seed 32 bits of chance, drawn once for the batch
/// @param shards among which its lines take turns, whatever the policy says later
public record LineIds(Instant createdAt, int replyPartition, int seed, int shards) {
  private static final int NUMBER_BITS = 24;

  /// Most lines of a batch.
  public static final long MAX_LINES = 1L << NUMBER_BITS;

  /// @param line from 0
  public JobId of(long line) {
    if (line < 0 || line >= MAX_LINES) {
      throw new IllegalArgumentException("line out of 0.." + (MAX_LINES - 1) + ": " + line);
    }
    long random = Integer.toUnsignedLong(seed) << NUMBER_BITS | line;
    return JobId.create(createdAt, replyPartition, (int) (line % shards), random);
  }

  /// The line's number; -1 when the id is not of this batch.
  public long lineOf(JobId id) {
    long line = id.low() & (MAX_LINES - 1);
    return id.equals(of(line)) ? line : -1;
  }

  /// The seed in an id, if the id is of a batch's line.
  public static int seedOf(JobId id) {
    return (int) (id.low() >>> NUMBER_BITS);
  }
}
