package dev.sluice.ingress.http;

import dev.sluice.contract.avro.CallOutcome;
import dev.sluice.contract.avro.KeyedCall;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.callback.EndpointCodec;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Receiver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

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

  /// Sends a sample event once under its key: the same event where it must be sent again.
  CallOutcome test(Call call, Receiver endpoint, String type) throws IOException {
    return once.done(
        call,
        () -> Once.making(endpoint.id()),
        made -> {
          CallOutcome outcome = new CallOutcome();
          switch (callbacks.test().send(endpoint, type, mark(made), made.getAt())) {
            case AttemptAnswer.Answered(int status, _) -> outcome.setStatus(status);
            case AttemptAnswer.Failed(String reason, _) -> outcome.setError(reason);
          }
          return outcome;
        });
  }

  private static String mark(KeyedCall call) {
    ByteBuffer key = call.getKey();
    if (key == null) {
      return UUID.randomUUID().toString();
    }
    byte[] digest = new byte[key.remaining()];
    key.duplicate().get(digest);
    return HexFormat.of().formatHex(digest) + "_" + call.getAt().toEpochMilli();
  }

  void remove(Receiver endpoint) {
    once.free(endpoint.tenant(), endpoint.id());
    callbacks.endpoints().remove(endpoint);
  }
}
