package dev.sluice.ingress.log;

import dev.sluice.contract.avro.KeyedCall;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Calls under an `Idempotency-Key` that make something other than a job, as the log says. Safe for
/// use by many threads; may wait, and throws [LogUnavailableException] when the log does not
/// answer. What is returned is shared: read-only by agreement.
public interface KeyLog {

  /// The call that holds a tenant's key.
  ///
  /// @param key digest of the key
  Optional<KeyedCall> holder(String tenant, ByteBuffer key, Instant now);

  /// Writes a call, and gives the one that holds its key where that is another, which was there
  /// first.
  Optional<KeyedCall> write(KeyedCall mine);

  /// Writes what came of a call that holds its key: whoever asks for the holder then gets it with
  /// that.
  void finish(KeyedCall done);

  /// Forgets all calls that made or changed a thing.
  void free(String tenant, String thing);

  /// All that hold a key, of all tenants.
  List<KeyedCall> holding(Instant now);

  /// Removes calls that have held no key since an instant.
  ///
  /// @param most to remove at once
  /// @return how many were removed
  int removeOver(Instant before, int most);
}
