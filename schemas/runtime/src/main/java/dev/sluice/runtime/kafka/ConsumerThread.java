package dev.sluice.runtime.kafka;

import dev.sluice.contract.serde.SchemaRegistryException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that reads with a consumer of its own until it is closed. Reading that fails, because a
/// broker or the registry is away or forbids it, begins again a moment later with a new consumer.
///
/// What is read is the owner's; only the thread itself touches the consumer. Everything here may be
/// called by any thread.
public final class ConsumerThread<C extends Consumer<?, ?>> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConsumerThread.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration END = Duration.ofSeconds(5);

  private final String name;
  private final Supplier<C> consumers;
  private final java.util.function.Consumer<C> reading;
  private volatile boolean stopping;
  private volatile @Nullable C open;
  private @Nullable Thread thread;

  /// @param name of the thread, shown in logs
  /// @param consumers gives a new consumer for each beginning
  /// @param reading assigns, and polls for as long as [#stopping] is false
  public ConsumerThread(
      String name, Supplier<C> consumers, java.util.function.Consumer<C> reading) {
    this.name = name;
    this.consumers = consumers;
    this.reading = reading;
  }

  /// Begins to read. A second call does nothing, nor does one after the close.
  public synchronized void start() {
    if (thread == null && !stopping) {
      thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    }
  }

  /// Whether it was told to stop.
  public boolean stopping() {
    return stopping;
  }

  private void run() {
    while (!stopping) {
      try (C consumer = consumers.get()) {
        open = consumer;
        reading.accept(consumer);
      } catch (WakeupException | InterruptException _) {
        LOG.atDebug().addKeyValue("reader", name).log("told to stop");
      } catch (KafkaException | SchemaRegistryException e) {
        LOG.atWarn().addKeyValue("reader", name).setCause(e).log("cannot read, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } catch (RuntimeException e) {
        // A defect, or a disk: whoever waits for this reader is helped only if it goes on.
        LOG.atError().addKeyValue("reader", name).setCause(e).log("reading failed, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
      }
    }
  }

  /// Stops reading, and waits until the consumer is closed, 5 s at most.
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      stopping = true;
      running = thread;
    }
    if (running == null) {
      return;
    }
    C consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    LockSupport.unpark(running);
    try {
      running.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
