package dev.sluice.router.topology;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.ControlRecord;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.RouterConfig;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The router's Kafka Streams instance with what its tasks share. A thread that fails, or finds
/// that another router has taken its task over, is replaced: its tasks are taken over again from
/// the log.
public final class RouterStreams implements AutoCloseable {
  /// The group of all routers.
  public static final String GROUP = RouterTopology.APPLICATION_ID;

  private static final Logger LOG = LoggerFactory.getLogger(RouterStreams.class);

  /// Between a thread's failure and its replacement, so that a lasting fault is not a busy loop.
  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final int POLL_MILLIS = 10;
  private static final int MAX_BLOCK_MILLIS = 1_000;

  /// Of a task's log all of a fetch is folded in one go, however many records it is: the next fetch
  /// is asked for when nothing of the last is left, and comes meanwhile.
  private static final int RESTORED_TOGETHER = Integer.MAX_VALUE;

  /// As large a buffer of the socket as the system gives: a log is read back by megabytes.
  private static final int SYSTEMS_BUFFER = -1;

  /// Some records are read back, and they are there: a fetch that waits for more after them would
  /// hold up the next read. What a fetch brings beyond them stays for who reads on.
  private static final Map<String, Object> READER =
      Map.of(
          ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
          0,
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
          LogReader.TOGETHER,
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
          256 * 1024);

  private final KafkaStreams streams;
  private final PoolTopics pools;
  private final FleetView fleet;
  private final CompactedTables tables;
  private final RouterMeters meters;
  private final Membership membership;

  /// @param wire stands between the router and each of its producers
  public RouterStreams(
      RouterConfig config, ServiceContext context, UnaryOperator<Producer<byte[], byte[]>> wire) {
    RouterSerdes serdes = RouterSerdes.of(context.serdes());
    Fences fences = new Fences();
    KafkaClients kafka = context.kafka();
    meters = new RouterMeters(context.meters());
    membership = new Membership(kafka, clientId(context), config.streamThreads(), meters::owned);
    meters.onGivenUp(membership::changed);
    pools = new PoolTopics(kafka, config.topics(), context.policy());
    fleet =
        new FleetView(
            kafka, context.serdes().forRecord(Beat.class), context.processId(), context.clock());
    ControlView controls =
        new ControlView(
            context.serdes().forRecord(ControlRecord.class),
            new ControlMeters(context.meters())::learn);
    BudgetView budgets = new BudgetView(serdes.shardUse());
    tables = new CompactedTables(kafka, List.of(controls, budgets));
    RouterProcessor.Parts parts =
        new RouterProcessor.Parts(
            serdes,
            new TransitionStores(RouterTopology.STORE, serdes.transition()),
            fences,
            new FailingRecords(),
            new Surroundings(pools::rules, fleet::pools, controls::current, fleet::lost),
            () -> kafka.reader("sluice-router-reader", READER),
            context.clock(),
            meters,
            config.resultRetention(),
            config.repeatWindow(),
            fleet,
            budgets);
    streams =
        new KafkaStreams(
            RouterTopology.build(parts),
            settings(config, context),
            new RouterClients(fences, Topics.ROUTER_LOG.name(), wire));
    streams.setUncaughtExceptionHandler(failure -> {
      LOG.atError().setCause(failure).log("router thread failed, replacing it");
      LockSupport.parkNanos(PAUSE.toNanos());
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    });
  }

  private static Properties settings(RouterConfig config, ServiceContext context) {
    Properties settings = new Properties();
    settings.putAll(context.kafka().settings());
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, RouterTopology.APPLICATION_ID);
    settings.put(StreamsConfig.CLIENT_ID_CONFIG, clientId(context));
    settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "streams");
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.streamThreads());
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    settings.put(StreamsConfig.POLL_MS_CONFIG, POLL_MILLIS);
    settings.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1L);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, context.stateDir().resolve("router").toString());
    KafkaClients.producerDefaults()
        .forEach((key, value) -> settings.put(StreamsConfig.producerPrefix(key), value));
    // A changelog record that times out would leave a hole in the prefix: never let it.
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG), Integer.MAX_VALUE);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_BLOCK_MS_CONFIG), MAX_BLOCK_MILLIS);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 8 << 20);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), ReadAtOnce.BYTES);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG),
        Math.toIntExact(ReadAtOnce.LONGEST_WAIT.toMillis()));
    settings.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG),
        RESTORED_TOGETHER);
    settings.put(
        StreamsConfig.restoreConsumerPrefix(ConsumerConfig.RECEIVE_BUFFER_CONFIG), SYSTEMS_BUFFER);
    // Lines of a batch are submitted in transactions; nothing else that is read here is.
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    return settings;
  }

  private static String clientId(ServiceContext context) {
    return "sluice-router-" + context.processId();
  }

  public void start() {
    fleet.start();
    pools.start(() ->
        tables.start(() -> {
          streams.start();
          membership.start();
        }));
  }

  /// Why it cannot serve; empty when it runs and has taken over what the group of routers gave it.
  public Optional<String> waitsFor() {
    if (pools.rules().policy().version() == 0) {
      return Optional.of("waits for a policy");
    }
    KafkaStreams.State state = streams.state();
    if (state != KafkaStreams.State.RUNNING) {
      return Optional.of("Kafka Streams is " + state);
    }
    int given =
        streams.metadataForLocalThreads().stream()
            .mapToInt(thread -> thread.activeTasks().size())
            .sum();
    return given > meters.owned() ? Optional.of("takes tasks over") : membership.waitsFor();
  }

  /// Commits, leaves the group so that another router takes over at once, and stops.
  public void close(Duration timeout) {
    boolean stopped =
        streams.close(
            CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(timeout));
    if (!stopped) {
      LOG.atWarn().log("router did not stop in time");
    }
    membership.close();
    fleet.close();
    tables.close();
    pools.close();
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }
}
