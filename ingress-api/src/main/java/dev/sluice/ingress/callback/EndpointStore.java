package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.log.LogUnavailableException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.InterruptException;

/// The endpoints of all tenants in memory, as their topic has them. Changes go to the topic first;
/// of two at once the later record wins. Safe for use by many threads.
public final class EndpointStore {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /// Of what was changed here and is then read again, only what is later counts.
  private final Map<String, Map<String, Entry>> byTenant = new ConcurrentHashMap<>();

  private final EndpointLog log;
  private final LongSupplier topicEnd;
  private volatile boolean loaded;
  private long readTo;

  /// @param endpoint empty when it was removed
  private record Entry(Optional<Receiver> endpoint, long offset) {}

  /// @param topicEnd the offset after the last record of the topic, asked of the broker
  public EndpointStore(EndpointLog log, LongSupplier topicEnd) {
    this.log = log;
    this.topicEnd = topicEnd;
  }

  /// What the topic had at the start is known.
  public void loaded() {
    loaded = true;
  }

  /// The topic was read up to before this offset.
  synchronized void readTo(long offset) {
    readTo = offset;
    notifyAll();
  }

  /// Waits until all that the topic has now is known: whoever registered before a job ended is told
  /// of its end, on whatever ingress.
  ///
  /// @throws LogUnavailableException when that takes too long
  public void catchUp() {
    long end = topicEnd.getAsLong();
    long until = System.nanoTime() + LONGEST_WAIT.toNanos();
    synchronized (this) {
      try {
        while (readTo < end) {
          long left = until - System.nanoTime();
          if (left <= 0) {
            throw new LogUnavailableException("the webhook endpoints are not read in time");
          }
          TimeUnit.NANOSECONDS.timedWait(this, left);
        }
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
  }

  boolean isLoaded() {
    return loaded;
  }

  /// A record of the topic.
  void read(Receiver endpoint, long offset) {
    enter(endpoint.tenant(), endpoint.id(), new Entry(Optional.of(endpoint), offset));
  }

  /// A tombstone of the topic.
  void readRemoval(String tenant, String id, long offset) {
    enter(tenant, id, new Entry(Optional.empty(), offset));
  }

  private void enter(String tenant, String id, Entry entry) {
    byTenant
        .computeIfAbsent(tenant, _ -> new ConcurrentHashMap<>())
        .merge(id, entry, (known, read) -> read.offset() > known.offset() ? read : known);
  }

  /// Writes a new or changed endpoint.
  public void put(Receiver endpoint) {
    read(endpoint, log.put(endpoint));
  }

  public void remove(Receiver endpoint) {
    readRemoval(endpoint.tenant(), endpoint.id(), log.remove(endpoint.tenant(), endpoint.id()));
  }

  /// @throws LogUnavailableException before all are known
  public Optional<Receiver> find(String tenant, String id) {
    Entry entry = entries(tenant).get(id);
    return entry == null ? Optional.empty() : entry.endpoint();
  }

  /// A tenant's endpoints and secrets, newest first.
  ///
  /// @throws LogUnavailableException before all are known
  public List<Receiver> all(String tenant) {
    return entries(tenant).values().stream()
        .flatMap(entry -> entry.endpoint().stream())
        .sorted(Comparator.comparing(Receiver::createdAt).thenComparing(Receiver::id).reversed())
        .toList();
  }

  /// The same in no order.
  Collection<Receiver> of(String tenant) {
    return entries(tenant).values().stream().flatMap(entry -> entry.endpoint().stream()).toList();
  }

  private Map<String, Entry> entries(String tenant) {
    if (!loaded) {
      throw new LogUnavailableException("the webhook endpoints are not read yet; try again soon");
    }
    return byTenant.getOrDefault(tenant, Map.of());
  }
}
