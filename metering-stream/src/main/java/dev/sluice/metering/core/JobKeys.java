package dev.sluice.metering.core;

import dev.sluice.contract.model.JobId;
import java.nio.ByteBuffer;
import java.time.Instant;

/// Keys by which counted jobs are remembered. A job id begins with its time of creation, so the
/// bytes of the id are a key with a time bucket in front: the oldest are one range from the start,
/// and one look-up finds a job whatever day it is.
public final class JobKeys {
  private static final int CREATED_SHIFT = 16;

  private JobKeys() {}

  public static byte[] of(JobId job) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(job.high()).putLong(job.low()).array();
  }

  /// The job of a key.
  public static JobId job(byte[] key) {
    ByteBuffer bytes = ByteBuffer.wrap(key);
    return new JobId(bytes.getLong(), bytes.getLong());
  }

  /// The lowest key of jobs created at an instant or later.
  public static byte[] firstCreatedAt(Instant at) {
    long millis = Math.max(0, at.toEpochMilli());
    return ByteBuffer.allocate(Long.BYTES).putLong(millis << CREATED_SHIFT).array();
  }

  public static Instant createdAt(byte[] key) {
    return Instant.ofEpochMilli(ByteBuffer.wrap(key).getLong() >>> CREATED_SHIFT);
  }
}
