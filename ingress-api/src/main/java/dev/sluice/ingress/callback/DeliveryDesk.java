package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.DeliveryBook;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.Fanout;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Owns the callbacks of the partitions that the group gave to this ingress. What is due, and when,
/// is in memory and is built again from the compacted topic whenever a partition comes; nothing is
/// committed. A new owner knows all that is not over, so a callback outlives any ingress.
///
/// One thread reads the topic; another sleeps until the next delivery is due and gives it to a
/// virtual thread. What an attempt came to is in the log before the next one is made. See ADR 0013.
final class DeliveryDesk extends GroupThread {
  private static final Logger LOG = LoggerFactory.getLogger(DeliveryDesk.class);
  private static final String TOPIC = Topics.CALLBACKS.name();
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(1);
  private static final Duration UNWRITTEN = Duration.ofSeconds(10);
  private static final Duration LAST_CALLS = Duration.ofSeconds(2);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final EndpointStore endpoints;
  private final CallbackWriter writer;
  private final Attempts attempts;
  private final OutcomeWriter outcomes;
  private final LaneLoader loader;
  private final Serde<Callback> serde;
  private final DeliveryBook.Bounds bounds;
  private final CallbackMeters meters;
  private final Clock clock;
  private final ExecutorService calls =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("callback-", 0).factory());

  /// By partition. Guards itself and all books; the dispatcher waits on it.
  private final Map<Integer, Share> shares = new HashMap<>();

  private final Set<Integer> torn = new HashSet<>();
  private @Nullable Thread dispatcher;

  /// One partition of ours.
  private static final class Share {
    final DeliveryBook book;

    /// Where the partition ended when it came; below it, what is read may be over already.
    final long end;

    final Map<String, Event> raised = new LinkedHashMap<>();
    boolean live;

    Share(DeliveryBook book, long end) {
      this.book = book;
      this.end = end;
    }
  }

  /// What it works with.
  ///
  /// @param loader brings back what did not fit into memory
  record Tools(
      EndpointStore endpoints,
      CallbackWriter writer,
      Attempts attempts,
      LaneLoader loader,
      Serde<Callback> serde,
      CallbackMeters meters,
      Clock clock) {}

  DeliveryDesk(KafkaClients kafka, GroupMember member, DeliveryBook.Bounds bounds, Tools tools) {
    // A batch's end raises its event in the transaction that ends it.
    super(kafka, member, Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"));
    this.endpoints = tools.endpoints();
    this.writer = tools.writer();
    this.attempts = tools.attempts();
    this.outcomes = new OutcomeWriter(tools.writer(), tools.meters());
    this.loader = tools.loader();
    this.serde = tools.serde();
    this.meters = tools.meters();
    this.clock = tools.clock();
    this.bounds = bounds;
    meters.waiting(this::size);
  }

  @Override
  synchronized void start() {
    super.start();
    if (dispatcher == null && !stopping()) {
      dispatcher =
          Thread.ofPlatform().daemon().name("sluice-callback-dispatch").start(this::dispatch);
    }
  }

  private int size() {
    synchronized (shares) {
      return shares.values().stream().mapToInt(share -> share.book.size()).sum();
    }
  }

  @Override
  void follow(KafkaConsumer<byte[], byte[]> consumer) {
    while (!endpoints.isLoaded() && !stopping()) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    try {
      consumer.subscribe(List.of(TOPIC), new Rebalance(consumer));
      while (!stopping()) {
        var records = consumer.poll(POLL);
        if (!records.isEmpty()) {
          endpoints.catchUp();
        }
        synchronized (shares) {
          records.forEach(this::take);
          shares.forEach((partition, share) -> open(consumer, partition, share));
          shares.notifyAll();
        }
        mend(consumer);
      }
    } finally {
      synchronized (shares) {
        shares.clear();
      }
    }
  }

  /// Partitions come with all they hold and go with all that is known of them.
  private final class Rebalance implements ConsumerRebalanceListener {
    private final KafkaConsumer<byte[], byte[]> consumer;

    Rebalance(KafkaConsumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      begin(consumer, partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      synchronized (shares) {
        partitions.forEach(one -> shares.remove(one.partition()));
      }
    }
  }

  private void begin(
      KafkaConsumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    consumer.seekToBeginning(partitions);
    synchronized (shares) {
      ends.forEach(
          (one, end) -> shares.put(one.partition(), new Share(new DeliveryBook(bounds), end)));
    }
  }

  /// A share whose events could not be passed on is built anew: they are still in the log.
  private void mend(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> again = new ArrayList<>();
    synchronized (shares) {
      for (int partition : torn) {
        if (shares.containsKey(partition)) {
          again.add(new TopicPartition(TOPIC, partition));
        }
      }
      torn.clear();
    }
    if (!again.isEmpty()) {
      begin(consumer, again);
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    Share share = shares.get(record.partition());
    if (share == null || record.key() == null) {
      return;
    }
    String id = new String(record.key(), StandardCharsets.UTF_8);
    Callback callback;
    try {
      callback = serde.deserializer().deserialize(TOPIC, record.value());
    } catch (SerializationException e) {
      meters.unusable();
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, TOPIC)
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("callback cannot be used, passed over");
      return;
    }
    if (callback == null) {
      share.raised.remove(id);
      share.book.remove(id, record.offset());
    } else if (callback.getState() == CallbackState.RAISED) {
      Event event = CallbackCodec.event(callback);
      if (share.live) {
        fanOut(record.partition(), share, event);
      } else {
        share.raised.put(id, event);
      }
    } else if (callback.getState() == CallbackState.WAITING) {
      share.book.put(CallbackCodec.delivery(callback), record.offset());
    }
  }

  /// From here on what the book says is so.
  private void open(KafkaConsumer<byte[], byte[]> consumer, int partition, Share share) {
    if (share.live || consumer.position(new TopicPartition(TOPIC, partition)) < share.end) {
      return;
    }
    share.live = true;
    share.raised.values().forEach(event -> fanOut(partition, share, event));
    share.raised.clear();
  }

  /// Makes an event into deliveries. They are in the log before the event leaves it.
  private void fanOut(int partition, Share share, Event event) {
    Instant now = clock.instant();
    List<CompletableFuture<Long>> written = new ArrayList<>();
    for (Fanout.Target target : Fanout.of(event, endpoints.of(event.tenant()))) {
      Delivery delivery = Delivery.of(event, target, now);
      if (!share.book.knows(delivery.id())) {
        written.add(writer.write(CallbackCodec.record(delivery)));
      }
    }
    var _ =
        CompletableFuture.allOf(written.toArray(CompletableFuture[]::new))
            .thenCompose(_ -> writer.end(event.tenant(), event.id()))
            .whenComplete((_, error) -> {
              if (error != null) {
                tear(partition);
              }
            });
  }

  private void tear(int partition) {
    synchronized (shares) {
      torn.add(partition);
    }
  }

  private void dispatch() {
    try {
      while (!stopping()) {
        synchronized (shares) {
          Instant now = clock.instant();
          shares.forEach((partition, share) -> {
            if (share.live) {
              startDue(partition, share, now);
            }
          });
          shares.wait(sleep(now).toMillis() + 1);
        }
      }
    } catch (InterruptedException e) {
      LOG.atDebug().log("callback dispatcher told to stop");
    }
  }

  private Duration sleep(Instant now) {
    return shares.values().stream()
        .filter(share -> share.live)
        .flatMap(share -> share.book.nextDue().stream())
        .min(Instant::compareTo)
        .map(due -> Duration.between(now, due))
        .filter(wait -> wait.compareTo(LONGEST_SLEEP) < 0)
        .map(wait -> wait.isNegative() ? Duration.ZERO : wait)
        .orElse(LONGEST_SLEEP);
  }

  private void startDue(int partition, Share share, Instant now) {
    for (Optional<Delivery> due = share.book.take(now);
        due.isPresent();
        due = share.book.take(now)) {
      Delivery delivery = due.get();
      calls.execute(() -> attempt(share, delivery));
    }
    for (Optional<DeliveryBook.Reload> reload = share.book.nextReload();
        reload.isPresent();
        reload = share.book.nextReload()) {
      DeliveryBook.Reload wanted = reload.get();
      calls.execute(() -> reload(partition, share, wanted));
    }
  }

  private void attempt(Share share, Delivery delivery) {
    Attempts.Outcome outcome;
    try {
      outcome = attempts.make(delivery);
    } catch (RuntimeException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue(LogKeys.JOB_ID, delivery.subject())
          .log("callback failed");
      finish(share, delivery, soon(delivery), -1, new Finish(false, Optional.empty()));
      return;
    }
    Finish how = new Finish(outcome.slow(), outcome.pause());
    try {
      finish(share, delivery, outcome.next(), outcomes.write(delivery, outcome), how);
    } catch (CompletionException | IllegalStateException e) {
      // Nobody knows of this attempt: it is made again, with the same id.
      meters.unwritten();
      LOG.atWarn().setCause(e).log("outcome of a callback could not be written");
      finish(share, delivery, soon(delivery), -1, how);
    }
  }

  private record Finish(boolean slow, Optional<Instant> pause) {}

  private Delivery soon(Delivery delivery) {
    return delivery.at(clock.instant().plus(UNWRITTEN));
  }

  private void finish(
      Share share, Delivery delivery, @Nullable Delivery next, long offset, Finish how) {
    synchronized (shares) {
      share.book.finished(delivery.id(), next, offset, how.slow(), how.pause());
      shares.notifyAll();
    }
  }

  private void reload(int partition, Share share, DeliveryBook.Reload wanted) {
    try {
      LaneLoader.Loaded loaded = loader.load(partition, wanted);
      synchronized (shares) {
        loaded.found().forEach((delivery, offset) -> share.book.put(delivery, offset));
        share.book.reloaded(wanted.lane(), loaded.leftFrom());
        shares.notifyAll();
      }
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("callbacks could not be read back, trying again");
      synchronized (shares) {
        share.book.reloaded(wanted.lane(), wanted.from());
      }
    }
  }

  @Override
  public void close() {
    super.close();
    Thread running = dispatcher;
    if (running != null) {
      running.interrupt();
    }
    calls.shutdown();
    try {
      var _ = calls.awaitTermination(LAST_CALLS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    calls.shutdownNow();
  }
}
