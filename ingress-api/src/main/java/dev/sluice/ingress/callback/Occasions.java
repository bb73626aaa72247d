package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.BudgetAlert;
import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.core.callback.CallbackUrl;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.EventTypes;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.ResponseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the log's records are as events. Pure.
final class Occasions {

  private Occasions() {}

  /// A part of a budget was used.
  static Optional<Event> of(BudgetAlert alert) {
    return Optional.of(
        Event.of(alert.getTenant(), EventTypes.BUDGET_ALERT, alert.getAlertId(), "", alert.getAt())
            .saying(details(alert)));
  }

  private static String details(BudgetAlert alert) {
    Instant end = alert.getPeriodEnd();
    byte[] json =
        new JsonOut(320)
            .beginObject()
            .field("id", alert.getAlertId())
            .field("object", "budget_alert")
            .field("quota", alert.getLimit())
            .field("unit", alert.getUnit())
            .field("fraction", alert.getFraction())
            .field("used", alert.getUsed())
            .field("limit", alert.getAmount())
            .field("period_start", alert.getPeriodStart().toString())
            .textOrNull("period_end", end == null ? "" : end.toString())
            .endObject()
            .toBytes();
    return new String(json, StandardCharsets.UTF_8);
  }

  /// A job that came past the ingress may spell its URL in another way than an endpoint does.
  private static String canonical(String url) {
    return CallbackUrl.parse(url).map(CallbackUrl::canonical).orElse(url);
  }

  /// The end of a job; empty where nobody could ask to be told of it.
  static Optional<Event> of(JobResult result) {
    JobCallback callback = result.getCallback();
    if (callback == null) {
      return Optional.empty();
    }
    Status status = Status.valueOf(result.getStatus().name());
    @Nullable ByteBuffer body = result.getResult();
    boolean incomplete =
        body != null
            && EventTypes.ofVendor(callback.getEndpoint(), status, false).isPresent()
            && ResponseStatus.isIncomplete(body);
    return Optional.of(
        Event.of(
                result.getTenant(),
                EventTypes.ofJob(status),
                result.getJobId(),
                status.key(),
                result.getFinishedAt())
            .alsoCalled(EventTypes.ofVendor(callback.getEndpoint(), status, incomplete))
            .toldTo(
                Optional.ofNullable(callback.getUrl()).map(Occasions::canonical),
                Optional.ofNullable(callback.getSecretId())));
  }
}
