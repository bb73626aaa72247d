package dev.sluice.ingress.http;

import dev.sluice.contract.avro.CallOutcome;
import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.json.JsonOut;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What became of callbacks, by endpoint and by job, and how to have one again. A delivery is here
/// from its first attempt on.
final class Deliveries {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;

  private final Callbacks callbacks;
  private final Jobs jobs;
  private final Once once;

  Deliveries(Callbacks callbacks, Jobs jobs, Once once) {
    this.callbacks = callbacks;
    this.jobs = jobs;
    this.once = once;
  }

  void ofEndpoint(Call call) throws IOException {
    String tenant = call.principal().tenant();
    Receiver endpoint = WebhookEndpoints.find(callbacks, tenant, call.variable());
    int limit =
        call.query("limit")
            .map(text -> Jobs.whole(text, "limit", 1, MAX_LIMIT))
            .orElse(DEFAULT_LIMIT);
    Optional<Callback> after =
        call.query("after")
            .map(id ->
                callbacks
                    .deliveries()
                    .find(tenant, id)
                    .filter(one -> endpoint.id().equals(one.getEndpointId()))
                    .orElseThrow(Deliveries::absent));
    // One more than asked for says whether there are more.
    answer(call, callbacks.deliveries().ofEndpoint(tenant, endpoint.id(), after, limit + 1), limit);
  }

  void ofJob(Call call) throws IOException {
    JobFacts job = jobs.of(call, jobs.idIn(call));
    answer(
        call,
        callbacks.deliveries().ofSubject(job.tenant(), job.id().text(), MAX_LIMIT + 1),
        MAX_LIMIT);
  }

  private static void answer(Call call, List<Callback> found, int limit) throws IOException {
    boolean more = found.size() > limit;
    List<Callback> page = more ? found.subList(0, limit) : found;
    call.json(200, CallbackJson.list(page, more, Callback::getId, CallbackJson::delivery));
  }

  void one(Call call) throws IOException {
    write(call, 200, of(call));
  }

  /// 202: it is on its way again, from the first attempt on.
  void again(Call call) throws IOException {
    Callback delivery = of(call);
    var _ =
        once.done(
            call,
            () -> {
              requireReceiver(delivery);
              return Once.making(delivery.getId());
            },
            _ -> {
              callbacks.deliveries().redeliver(delivery);
              return new CallOutcome();
            });
    write(call, 202, delivery);
  }

  private void requireReceiver(Callback delivery) {
    String endpointId = delivery.getEndpointId();
    if (endpointId != null
        && callbacks
            .endpoints()
            .find(delivery.getTenant(), endpointId)
            .filter(Receiver::enabled)
            .isEmpty()) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.SCHEMA_VIOLATION,
              "its webhook endpoint is disabled or deleted; enable it first"));
    }
  }

  private Callback of(Call call) {
    return callbacks
        .deliveries()
        .find(call.principal().tenant(), call.variable())
        .orElseThrow(Deliveries::absent);
  }

  private static void write(Call call, int status, Callback delivery) throws IOException {
    JsonOut out = new JsonOut();
    CallbackJson.delivery(out, delivery);
    call.json(status, out.toBytes());
  }

  private static RefusedException absent() {
    return new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no such delivery"));
  }
}
