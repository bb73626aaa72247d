package dev.sluice.ingress.http;

import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.callback.EndpointCodec;
import dev.sluice.ingress.core.callback.Receiver;
import java.io.IOException;
import java.util.Optional;

/// Writes webhook endpoints and callback secrets, each change once under its key. Safe for use by
/// many threads.
final class EndpointChanges {
  private final Callbacks callbacks;
  private final Once once;

  EndpointChanges(Callbacks callbacks, Once once) {
    this.callbacks = callbacks;
    this.once = once;
  }

  /// @param made as the first call under the key made it, or this one
  /// @param now as it is now
  record Changed(Receiver made, Receiver now) {}

  /// Writes what a call asks for, or what the first one under its key did if that is not there.
  ///
  /// @param check objects where it cannot be written; not asked where it is there
  Changed put(Call call, Receiver asked, Runnable check) throws IOException {
    KeyedCall mine = Once.making(asked.id());
    mine.setEndpoint(EndpointCodec.record(asked));
    Once.Made first = once.first(call, Once.fingerprint(call), () -> mine);
    Receiver made = first.again() ? EndpointCodec.endpoint(first.call().getEndpoint()) : asked;
    Optional<Receiver> known = first.again() ? sinceChanged(made) : Optional.empty();
    if (known.isEmpty()) {
      check.run();
      callbacks.endpoints().put(made);
    }
    return new Changed(made, known.orElse(made));
  }

  private Optional<Receiver> sinceChanged(Receiver made) {
    callbacks.endpoints().catchUp();
    return callbacks
        .endpoints()
        .find(made.tenant(), made.id())
        .filter(known -> !known.updatedAt().isBefore(made.updatedAt()));
  }

  void remove(Receiver endpoint) {
    once.free(endpoint.tenant(), endpoint.id());
    callbacks.endpoints().remove(endpoint);
  }
}
