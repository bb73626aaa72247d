package dev.sluice.deploy.router;

import dev.sluice.contract.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.jspecify.annotations.Nullable;

/// The producer of a router that dies at a crash point: from then on nothing it sends arrives and
/// nothing it did is committed. Its thread ends and another takes the task over from the log.
///
/// Used by the threads of one router.
final class CrashingProducer implements Producer<byte[], byte[]> {
  private static final String FORGET_MARK = "~committed";
  private static final Duration SLOW = Duration.ofMillis(30);

  private final Producer<byte[], byte[]> real;
  private final Countdown countdown;
  private final ScheduledExecutorService slowly = Executors.newSingleThreadScheduledExecutor();
  private final Phaser underWay = new Phaser(1);
  private volatile boolean dead;
  private volatile boolean told;

  /// How often the point is passed until the router dies there, over all its lives.
  static final class Countdown {
    private final CrashPoint point;
    private final int deaths;
    private final int passes;
    private final AtomicInteger left;
    private final AtomicInteger died = new AtomicInteger();

    /// @param passes of the point before each death
    Countdown(CrashPoint point, int deaths, int passes) {
      this.point = point;
      this.deaths = deaths;
      this.passes = passes;
      this.left = new AtomicInteger(passes);
    }

    int died() {
      return died.get();
    }

    private boolean diesAt(CrashPoint passed) {
      if (passed != point || died.get() >= deaths || left.getAndDecrement() > 0) {
        return false;
      }
      left.set(passes);
      died.incrementAndGet();
      return true;
    }
  }

  CrashingProducer(Producer<byte[], byte[]> real, Countdown countdown) {
    this.real = real;
    this.countdown = countdown;
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return send(record, null);
  }

  @Override
  public Future<RecordMetadata> send(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    if (record.topic().equals(Topics.ROUTER_LOG.name())) {
      boolean forgets =
          FORGET_MARK.equals(new String(record.key(), StandardCharsets.UTF_8))
              || record.value() == null;
      pass(forgets ? CrashPoint.AFTER_COMMIT : told ? CrashPoint.BEFORE_CHANGELOG : null);
      pass(told ? CrashPoint.LOG_SLOWER_THAN_OUTPUTS : null);
      if (countdown.point == CrashPoint.LOG_SLOWER_THAN_OUTPUTS) {
        return sendLate(record, callback);
      }
    } else if (record.topic().equals(Topics.LEDGER.name())) {
      pass(CrashPoint.LOGGED_BUT_NOT_TOLD);
    } else if (record.topic().equals(Topics.RESULTS.name())) {
      pass(CrashPoint.BETWEEN_OUTPUTS);
      told = true;
    } else if (record.topic().startsWith("sluice.work.")) {
      pass(CrashPoint.LOGGED_BUT_NOT_RELEASED);
    }
    return real.send(record, callback);
  }

  /// In order, but late; what is still under way at the death never arrives.
  private Future<RecordMetadata> sendLate(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
    Callback done =
        (metadata, failure) -> {
          if (callback != null) {
            callback.onCompletion(metadata, failure);
          }
          if (failure == null) {
            sent.complete(metadata);
          } else {
            sent.completeExceptionally(failure);
          }
        };
    underWay.register();
    var _ =
        slowly.schedule(
            () -> {
              if (dead) {
                done.onCompletion(null, new KafkaException("lost at the death"));
              } else {
                var _ = real.send(record, done);
              }
              underWay.arriveAndDeregister();
            },
            SLOW.toMillis(),
            TimeUnit.MILLISECONDS);
    return sent;
  }

  private void pass(@Nullable CrashPoint point) {
    if (point != null && !dead && countdown.diesAt(point)) {
      dead = true;
    }
    if (dead) {
      throw new KafkaException("dead since " + countdown.point);
    }
  }

  @Override
  public void flush() {
    pass(told ? CrashPoint.BEFORE_COMMIT : null);
    underWay.arriveAndAwaitAdvance();
    real.flush();
    pass(null);
  }

  @Override
  public void close() {
    slowly.shutdown();
    real.close();
  }

  @Override
  public void close(Duration timeout) {
    slowly.shutdown();
    real.close(timeout);
  }

  @Override
  public void initTransactions() {
    real.initTransactions();
  }

  @Override
  public void beginTransaction() {
    real.beginTransaction();
  }

  @Override
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    real.sendOffsetsToTransaction(offsets, group);
  }

  @Override
  public void commitTransaction() {
    real.commitTransaction();
  }

  @Override
  public void abortTransaction() {
    real.abortTransaction();
  }

  @Override
  public void registerMetricForSubscription(KafkaMetric metric) {
    real.registerMetricForSubscription(metric);
  }

  @Override
  public void unregisterMetricFromSubscription(KafkaMetric metric) {
    real.unregisterMetricFromSubscription(metric);
  }

  @Override
  public List<PartitionInfo> partitionsFor(String topic) {
    return real.partitionsFor(topic);
  }

  @Override
  public Map<MetricName, ? extends Metric> metrics() {
    return real.metrics();
  }

  @Override
  public Uuid clientInstanceId(Duration timeout) {
    return real.clientInstanceId(timeout);
  }
}
