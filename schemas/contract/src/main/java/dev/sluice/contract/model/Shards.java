package dev.sluice.contract.model;

/// Which of a tenant's shards a job belongs to. A tenant in shards has several writers, each with
/// its own part of the limits; what must meet is of one shard.
public final class Shards {
  /// Most shards of a tenant.
  public static final int MOST = 256;

  private Shards() {}

  /// The shard of whatever is known by these bytes: always the same for the same number of shards.
  ///
  /// @param mark of the job: its idempotency key, else its fingerprint
  /// @param shards of the tenant, from 1
  public static int of(byte[] mark, int shards) {
    if (shards == 1) {
      return 0;
    }
    long hash = mark.length;
    for (byte one : mark) {
      hash = (hash ^ one) * 0x9e3779b97f4a7c15L;
      hash ^= hash >>> 32;
    }
    return (int) Math.floorMod(hash, (long) shards);
  }
}
