package dev.sluice.runtime.keys;

import dev.sluice.contract.model.IssuedKey;

/// What came of a wish to issue or to revoke a key.
public sealed interface KeyOutcome {

  /// It is in the log.
  record Written(IssuedKey key) implements KeyOutcome {}

  /// The name is taken, by a key that may be revoked: cost rows name keys, so none is used twice.
  record Taken(IssuedKey key) implements KeyOutcome {}

  /// It was revoked before; nothing was written.
  record AlreadyRevoked(IssuedKey key) implements KeyOutcome {}

  record Unknown() implements KeyOutcome {}
}
