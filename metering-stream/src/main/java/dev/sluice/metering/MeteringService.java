package dev.sluice.metering;

import dev.sluice.metering.topology.MeteringMeters;
import dev.sluice.metering.topology.MeteringTopology;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Gauge;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts money exactly once: follows the ledger, writes cost rows and running totals.
///
/// All work is done by the threads of Kafka Streams; the methods here may be called by any thread.
/// Nothing is lost by stopping at any moment: what was not committed is counted after the next
/// start (ADR 0006).
public final class MeteringService implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(MeteringService.class);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final MeteringConfig config;
  private final ServiceContext context;
  private final MeteringMeters meters;
  private volatile @Nullable KafkaStreams streams;
  private volatile boolean closed;

  public MeteringService(MeteringConfig config, ServiceContext context) {
    this.config = config;
    this.context = context;
    this.meters = new MeteringMeters(context.meters());
    Gauge.builder("sluice.metering.running", this, service -> service.ready() ? 1 : 0)
        .description("whether the ledger is being counted")
        .register(context.meters());
  }

  @Override
  public String name() {
    return "metering";
  }

  @Override
  public synchronized void start() {
    if (streams != null || closed) {
      return;
    }
    Path folder = context.stateDir().resolve("metering");
    Properties settings = MeteringSettings.of(config, context.kafka().settings(), folder);
    var topology =
        new MeteringTopology(
            context.serdes(),
            context.policy()::current,
            config.forgetting(),
            config.commitInterval(),
            meters);
    KafkaStreams started = new KafkaStreams(topology.build(), settings);
    started.setUncaughtExceptionHandler(this::replaceThread);
    started.setStateListener(MeteringService::logState);
    started.start();
    streams = started;
  }

  /// A thread dies of a fault that its retries did not outlive, such as a broker that was away for
  /// long, or of a defect. Another goes on from the last commit; the counter is the alarm.
  private StreamThreadExceptionResponse replaceThread(Throwable fault) {
    meters.threadReplaced();
    LOG.atError()
        .addKeyValue(LogKeys.SERVICE, name())
        .setCause(fault)
        .log("stream thread died and is replaced");
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private static void logState(State now, State before) {
    LOG.atInfo()
        .addKeyValue(LogKeys.SERVICE, "metering")
        .addKeyValue("from", before)
        .addKeyValue("to", now)
        .log("state changed");
  }

  @Override
  public Optional<String> waitsFor() {
    KafkaStreams running = streams;
    if (closed || running == null) {
      return Optional.of(closed ? "stopping" : "not started");
    }
    State state = running.state();
    return state == State.RUNNING
        ? Optional.empty()
        : Optional.of("takes its ledger partitions over (%s)".formatted(state));
  }

  /// Commits what has been counted and stops. There is no work of its own to end: the rest of the
  /// ledger waits.
  @Override
  public void drain(Duration grace) {
    stop(grace);
  }

  @Override
  public void close() {
    stop(CLOSE);
  }

  /// Stays a member of the group, so that a restart within the session moves nothing.
  private synchronized void stop(Duration longest) {
    closed = true;
    if (streams == null) {
      return;
    }
    streams.close(
        CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP)
            .withTimeout(longest));
    streams = null;
  }
}
