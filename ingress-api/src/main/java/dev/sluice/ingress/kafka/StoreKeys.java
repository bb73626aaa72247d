package dev.sluice.ingress.kafka;

import dev.sluice.contract.model.JobId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The keys of the job index on disk. The first byte says what a row is; the rest sorts rows the
/// way they are read.
final class StoreKeys {
  static final byte FACTS = 'J';
  static final byte BY_TENANT = 'T';
  static final byte EVENT = 'E';
  static final byte POSITION = 'P';
  static final byte EXPIRY = 'X';

  private StoreKeys() {}

  static byte[] idKey(byte kind, JobId id) {
    return ByteBuffer.allocate(17).put(kind).putLong(id.high()).putLong(id.low()).array();
  }

  /// The job of a key that `idKey` made.
  static JobId jobOf(byte[] key) {
    ByteBuffer id = ByteBuffer.wrap(key, 1, 16);
    return new JobId(id.getLong(), id.getLong());
  }

  static byte[] eventKey(JobId id, int ordinal) {
    return ByteBuffer.allocate(21).put(idKey(EVENT, id)).putInt(ordinal).array();
  }

  static byte[] expiryKey(long millis, JobId id) {
    return ByteBuffer.allocate(25)
        .put(EXPIRY)
        .putLong(millis)
        .putLong(id.high())
        .putLong(id.low())
        .array();
  }

  static byte[] positionKey(char topic, int partition) {
    return ByteBuffer.allocate(6).put(POSITION).put((byte) topic).putInt(partition).array();
  }

  static byte[] tenantPrefix(String tenant) {
    byte[] name = tenant.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(name.length + 2).put(BY_TENANT).put(name).put((byte) 0).array();
  }

  /// Inverted, so that the newest comes first.
  static byte[] tenantKey(String tenant, JobId id) {
    byte[] prefix = tenantPrefix(tenant);
    return ByteBuffer.allocate(prefix.length + 16)
        .put(prefix)
        .putLong(~id.high())
        .putLong(~id.low())
        .array();
  }

  static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }
}
