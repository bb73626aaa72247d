package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.Event;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Events and deliveries as records, and back.
final class CallbackCodec {

  private CallbackCodec() {}

  static Callback record(Event event) {
    Callback record = new Callback();
    record.setId(event.id());
    record.setEventId(event.id());
    record.setTenant(event.tenant());
    record.setType(event.type());
    record.setVendorType(event.vendorType().orElse(null));
    record.setSubject(event.subject());
    record.setStatus(event.status());
    record.setCreatedAt(event.createdAt());
    record.setState(CallbackState.RAISED);
    record.setDetails(event.details().orElse(null));
    record.setUrl(event.url().orElse(null));
    record.setSecretId(event.secretId().orElse(null));
    return record;
  }

  static Event event(Callback record) {
    return new Event(
        record.getEventId(),
        record.getTenant(),
        record.getType(),
        Optional.ofNullable(record.getVendorType()),
        record.getSubject(),
        record.getStatus(),
        record.getCreatedAt(),
        Optional.ofNullable(record.getUrl()),
        Optional.ofNullable(record.getSecretId()),
        Optional.ofNullable(record.getDetails()));
  }

  static Callback record(Delivery delivery) {
    Callback record = new Callback();
    record.setId(delivery.id());
    record.setEventId(delivery.eventId());
    record.setTenant(delivery.tenant());
    record.setType(delivery.type());
    record.setSubject(delivery.subject());
    record.setStatus(delivery.status());
    record.setCreatedAt(delivery.createdAt());
    record.setState(CallbackState.WAITING);
    record.setDetails(delivery.details().orElse(null));
    record.setEndpointId(delivery.endpointId().orElse(null));
    record.setUrl(delivery.url().orElse(null));
    record.setSecretId(delivery.secretId().orElse(null));
    record.setAttempts(delivery.attempts());
    record.setFirstAt(delivery.firstAt());
    record.setDueAt(delivery.due());
    return record;
  }

  /// After an attempt.
  ///
  /// @param due when the next is; null when there is none
  static Callback record(
      Delivery delivery,
      CallbackState state,
      AttemptAnswer answer,
      Instant at,
      @Nullable Instant due) {
    Callback record = record(delivery);
    record.setState(state);
    record.setAttempts(delivery.attempts() + 1);
    record.setDueAt(due);
    record.setLastAt(at);
    switch (answer) {
      case AttemptAnswer.Answered(int status, _) -> record.setLastStatus(status);
      case AttemptAnswer.Failed(String reason, _) -> record.setLastError(reason);
    }
    return record;
  }

  static Delivery delivery(Callback record) {
    return new Delivery(
        record.getId(),
        record.getEventId(),
        record.getTenant(),
        record.getType(),
        record.getSubject(),
        record.getStatus(),
        record.getCreatedAt(),
        Optional.ofNullable(record.getDetails()),
        Optional.ofNullable(record.getEndpointId()),
        Optional.ofNullable(record.getUrl()),
        Optional.ofNullable(record.getSecretId()),
        record.getAttempts(),
        known(record.getFirstAt(), record.getCreatedAt()),
        known(record.getDueAt(), record.getCreatedAt()));
  }

  private static Instant known(@Nullable Instant at, Instant otherwise) {
    return at == null ? otherwise : at;
  }
}
