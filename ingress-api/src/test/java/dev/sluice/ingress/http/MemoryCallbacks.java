package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Callback;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.callback.DeliveryLog;
import dev.sluice.ingress.callback.EndpointLog;
import dev.sluice.ingress.callback.EndpointStore;
import dev.sluice.ingress.callback.Vault;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.Networks;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.core.callback.UrlGuard;
import dev.sluice.runtime.config.Secret;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/// Callbacks without a log: endpoints in memory, deliveries as a test lists them. Callbacks may go
/// to public addresses and to 127.0.0.0/8.
final class MemoryCallbacks implements EndpointLog, DeliveryLog {
  final List<Callback> deliveries = new CopyOnWriteArrayList<>();
  final List<Callback> redelivered = new CopyOnWriteArrayList<>();
  final List<String> tested = new CopyOnWriteArrayList<>();
  final Vault vault = Vault.of(Secret.of("test"));
  final EndpointStore endpoints = new EndpointStore(this, () -> 0);
  volatile AttemptAnswer answer = new AttemptAnswer.Answered(204, Optional.empty());
  private final AtomicLong offsets = new AtomicLong();

  Callbacks port() {
    endpoints.loaded();
    return new Callbacks(
        endpoints,
        Optional.of(vault),
        new UrlGuard(Networks.of(List.of("127.0.0.0/8"))),
        this,
        (_, _, mark, _) -> {
          tested.add(mark);
          return answer;
        });
  }

  @Override
  public long put(Receiver endpoint) {
    return offsets.incrementAndGet();
  }

  @Override
  public long remove(String tenant, String id) {
    return offsets.incrementAndGet();
  }

  @Override
  public List<Callback> ofEndpoint(
      String tenant, String endpointId, Optional<Callback> after, int limit) {
    return deliveries.stream()
        .filter(one -> one.getTenant().equals(tenant) && endpointId.equals(one.getEndpointId()))
        .dropWhile(one -> after.isPresent() && !one.equals(after.get()))
        .skip(after.isPresent() ? 1 : 0)
        .limit(limit)
        .toList();
  }

  @Override
  public List<Callback> ofSubject(String tenant, String subject, int limit) {
    return deliveries.stream()
        .filter(one -> one.getTenant().equals(tenant) && one.getSubject().equals(subject))
        .limit(limit)
        .toList();
  }

  @Override
  public Optional<Callback> find(String tenant, String id) {
    return deliveries.stream()
        .filter(one -> one.getTenant().equals(tenant) && one.getId().equals(id))
        .findFirst();
  }

  @Override
  public void redeliver(Callback delivery) {
    redelivered.add(delivery);
  }
}
