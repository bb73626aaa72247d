package dev.sluice.ingress.core;

import dev.sluice.contract.model.JobId;
import java.nio.ByteBuffer;
import java.time.Instant;

/// The id of a job that was produced to an intake topic: a function of where its record is, so that
/// a record that is read again is the same job.
public final class IntakeId {

  private IntakeId() {}

  /// @param at when the broker took the record
  /// @param replyPartitions how many there are
  /// @param shard of the tenant
  public static JobId of(
      String topic, int partition, long offset, Instant at, int replyPartitions, int shard) {
    ByteBuffer digest = place(topic, partition, offset);
    long random = digest.getLong();
    int reply = Math.floorMod(digest.getInt(), replyPartitions);
    return JobId.create(at, reply, shard, random);
  }

  /// The digest of the place.
  public static ByteBuffer place(String topic, int partition, long offset) {
    return Fingerprint.of(topic + "/" + partition + "/" + offset, new byte[0]);
  }
}
