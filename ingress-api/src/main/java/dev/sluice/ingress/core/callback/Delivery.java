package dev.sluice.ingress.core.callback;

import java.time.Instant;
import java.util.Optional;

/// An event on its way to one receiver.
///
/// @param type the name it is told under
/// @param details of the subject, JSON; empty where its id is enough
/// @param endpointId empty for a mere URL
/// @param attempts made
/// @param firstAt when the first of them was due
/// @param due when the next is
public record Delivery(
    String id,
    String eventId,
    String tenant,
    String type,
    String subject,
    String status,
    Instant createdAt,
    Optional<String> details,
    Optional<String> endpointId,
    Optional<String> url,
    Optional<String> secretId,
    int attempts,
    Instant firstAt,
    Instant due) {

  /// The first delivery of an event to a target.
  public static Delivery of(Event event, Fanout.Target target, Instant now) {
    boolean registered = !target.endpointId().isEmpty();
    String receiver = registered ? target.endpointId() : event.url().orElseThrow();
    return new Delivery(
        event.deliveryId(receiver),
        event.id(),
        event.tenant(),
        target.type(),
        event.subject(),
        event.status(),
        event.createdAt(),
        event.details(),
        registered ? Optional.of(target.endpointId()) : Optional.empty(),
        registered ? Optional.empty() : event.url(),
        registered ? Optional.empty() : event.secretId(),
        0,
        now,
        now);
  }

  public Delivery again(Instant next) {
    return planned(attempts + 1, firstAt, next);
  }

  /// The same attempt, at another time.
  public Delivery at(Instant next) {
    return planned(attempts, firstAt, next);
  }

  /// From the first attempt on, with the same ids.
  public Delivery anew(Instant now) {
    return planned(0, now, now);
  }

  private Delivery planned(int made, Instant began, Instant next) {
    return new Delivery(
        id,
        eventId,
        tenant,
        type,
        subject,
        status,
        createdAt,
        details,
        endpointId,
        url,
        secretId,
        made,
        began,
        next);
  }

  /// Who receives: what is shared by those that must not hinder others.
  public String lane() {
    return tenant
        + "\n"
        + endpointId.or(() -> url.flatMap(CallbackUrl::parse).map(CallbackUrl::origin)).orElse("");
  }
}
