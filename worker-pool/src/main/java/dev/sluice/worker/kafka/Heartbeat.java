package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.worker.core.OwnBeats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says once a second that this worker lives, which pools it serves and how much it runs. A router
/// that reads five ticks of its own without one of these gives the worker's jobs to others.
public final class Heartbeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  /// How often a worker beats.
  public static final Duration PERIOD = Duration.ofSeconds(1);

  private final String worker;
  private final ResultPublisher publisher;
  private final BrokerClock brokerClock;
  private final Supplier<Collection<String>> pools;
  private final Supplier<List<PoolPulse>> pulses;
  private final IntSupplier inFlight;
  private final WorkerMeters meters;
  private final CountDownLatch first = new CountDownLatch(1);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("sluice-worker-beat").daemon().factory());
  private final OwnBeats beats = new OwnBeats(System.nanoTime());
  private volatile boolean leaving;

  public Heartbeat(
      String worker,
      ResultPublisher publisher,
      BrokerClock brokerClock,
      Supplier<Collection<String>> pools,
      Supplier<List<PoolPulse>> pulses,
      IntSupplier inFlight,
      WorkerMeters meters) {
    this.worker = worker;
    this.publisher = publisher;
    this.brokerClock = brokerClock;
    this.pools = pools;
    this.pulses = pulses;
    this.inFlight = inFlight;
    this.meters = meters;
  }

  /// Begins to beat, the first time at once.
  public void start() {
    var _ = timer.scheduleAtFixedRate(this::beat, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Beats now, besides the rhythm: the pools have changed, or how one of them is.
  public void beatNow() {
    try {
      timer.execute(this::beat);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("worker is leaving, nobody needs to hear more");
    }
  }

  /// Waits for the first acknowledgement: from then on the broker's time is known.
  public boolean awaitFirst(Duration time) throws InterruptedException {
    return first.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Since the last beat that the broker has acknowledged.
  public Duration sinceAcknowledged() {
    return beats.age(System.nanoTime());
  }

  /// Whether this worker may have been declared lost at any time since.
  ///
  /// @param nanos of [System#nanoTime]
  boolean silentSince(long nanos) {
    return beats.silentSince(nanos, System.nanoTime());
  }

  /// Says good-bye: the last beat.
  public void leave() {
    timer.shutdownNow();
    leaving = true;
    beat();
  }

  private void beat() {
    Beat beat =
        Beat.newBuilder()
            .setProcess(worker)
            .setKind(BeatKind.WORKER)
            .setPools(new ArrayList<>(pools.get()))
            .setInFlight(inFlight.getAsInt())
            .setLeaving(leaving)
            .setPulses(pulses.get())
            .build();
    long sentNanos = System.nanoTime();
    try {
      publisher.beat(
          worker,
          beat,
          (written, failure) -> {
            if (failure == null) {
              beats.acknowledged(sentNanos, System.nanoTime());
              brokerClock.observe(written.timestamp());
              first.countDown();
            } else {
              meters.publishFailed("beat");
            }
          });
    } catch (KafkaException e) {
      meters.publishFailed("beat");
      LOG.atWarn().setCause(e).log("beat not sent");
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
