package dev.sluice.ingress.core;

import dev.sluice.contract.model.Shards;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/// To which of a tenant's shards a request goes: repeats meet, by the caller's key where there is
/// one, else by what is asked.
public final class ShardRule {

  private ShardRule() {}

  /// @param key the caller's, if the request has one
  /// @param fingerprint of the request; looked at only where it decides
  /// @param shards of the tenant, from 1
  public static int decide(Optional<String> key, Supplier<ByteBuffer> fingerprint, int shards) {
    if (shards == 1) {
      return 0;
    }
    return Shards.of(
        key.map(text -> text.getBytes(StandardCharsets.UTF_8))
            .orElseGet(() -> bytes(fingerprint.get())),
        shards);
  }

  private static byte[] bytes(ByteBuffer digest) {
    byte[] bytes = new byte[digest.remaining()];
    digest.duplicate().get(bytes);
    return bytes;
  }
}
