package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.CallbackUrl;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.DeliveryDecision;
import dev.sluice.ingress.core.callback.DeliveryRule;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes one attempt of a delivery and says what follows. Safe for use by many threads.
final class Attempts {
  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  private final EndpointStore endpoints;
  private final Secrets secrets;
  private final CallbackSender sender;
  private final DeliveryRule rule;
  private final CallbackMeters meters;
  private final Clock clock;

  Attempts(
      EndpointStore endpoints,
      Secrets secrets,
      CallbackSender sender,
      DeliveryRule rule,
      CallbackMeters meters,
      Clock clock) {
    this.endpoints = endpoints;
    this.secrets = secrets;
    this.sender = sender;
    this.rule = rule;
    this.meters = meters;
    this.clock = clock;
  }

  /// What an attempt came to.
  ///
  /// @param record for the log of deliveries
  /// @param next the delivery as it goes on; null when it is over
  /// @param slow whether the receiver has too much to do
  /// @param pause until when it is left alone
  record Outcome(Callback record, @Nullable Delivery next, boolean slow, Optional<Instant> pause) {}

  Outcome make(Delivery delivery) {
    Optional<Receiver> endpoint =
        delivery.endpointId().flatMap(id -> endpoints.find(delivery.tenant(), id));
    if (delivery.endpointId().isPresent() && endpoint.filter(Receiver::enabled).isEmpty()) {
      String why =
          endpoint.flatMap(Receiver::disabledReason).map(_ -> "disabled").orElse("deleted");
      return over(delivery, CallbackState.DISABLED, new AttemptAnswer.Failed(why, false), false);
    }
    Instant began = clock.instant();
    if (delivery.attempts() == 0) {
      meters.first(Duration.between(delivery.createdAt(), began));
    }
    String url = endpoint.flatMap(Receiver::url).or(delivery::url).orElse("");
    AttemptAnswer answer = call(delivery, url, began);
    Instant now = clock.instant();
    meters.attempt(answer, Duration.between(began, now));
    boolean slow = DeliveryRule.slow(answer);
    double random = ThreadLocalRandom.current().nextDouble();
    return switch (rule.decide(delivery.attempts() + 1, delivery.firstAt(), answer, now, random)) {
      case DeliveryDecision.Delivered() -> over(delivery, CallbackState.DELIVERED, answer, slow);
      case DeliveryDecision.Exhausted() -> over(delivery, CallbackState.EXHAUSTED, answer, slow);
      case DeliveryDecision.Gone() -> {
        endpoint.ifPresent(this::disable);
        yield over(delivery, CallbackState.DISABLED, answer, slow);
      }
      case DeliveryDecision.Again(Instant due) ->
          new Outcome(
              CallbackCodec.record(delivery, CallbackState.WAITING, answer, now, due),
              delivery.again(due),
              slow,
              rule.pause(answer, now));
    };
  }

  /// One call, signed.
  AttemptAnswer call(Delivery delivery, String url, Instant at) {
    Optional<CallbackUrl> parsed = CallbackUrl.parse(url);
    if (parsed.isEmpty()) {
      return new AttemptAnswer.Failed("no_permitted_address", false);
    }
    byte[] body = Envelope.of(delivery);
    Map<String, String> headers = new LinkedHashMap<>();
    try {
      headers.put("webhook-id", delivery.eventId());
      headers.put("webhook-timestamp", Long.toString(at.getEpochSecond()));
      headers.put(
          "webhook-signature",
          WebhookSigner.sign(secrets.of(delivery, at), delivery.eventId(), at, body));
    } catch (UnreadableSecretException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TENANT_ID, delivery.tenant())
          .addKeyValue("reason", e.getMessage())
          .log("callback cannot be signed");
      return new AttemptAnswer.Failed("secret_unreadable", false);
    }
    return sender.send(parsed.get(), headers, body);
  }

  private Outcome over(Delivery delivery, CallbackState state, AttemptAnswer answer, boolean slow) {
    return new Outcome(
        CallbackCodec.record(delivery, state, answer, clock.instant(), null),
        null,
        slow,
        Optional.empty());
  }

  private void disable(Receiver endpoint) {
    try {
      endpoints.put(endpoint.disabled("gone", clock.instant()));
    } catch (LogUnavailableException e) {
      // It says so again at the next event.
      LOG.atWarn().addKeyValue("reason", e.getMessage()).log("endpoint could not be disabled");
    }
  }
}
