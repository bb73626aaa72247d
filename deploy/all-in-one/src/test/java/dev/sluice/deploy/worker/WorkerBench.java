package dev.sluice.deploy.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.Verdict;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.policy.PolicyPublisher;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.testkit.Eventually;
import dev.sluice.worker.WorkerConfig;
import dev.sluice.worker.WorkerService;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// Stands where the router and the ingress stand around a worker: publishes policy and work, reads
/// commands and deltas, gives verdicts. One test thread uses it.
final class WorkerBench {
  static final Duration PATIENCE = Duration.ofSeconds(30);
  static final String TENANT = "acme";

  private final Set<Long> answered = new HashSet<>();
  private final BrokerExtension broker;
  private final RecordSerdes serdes;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> reader;
  private final List<AutoCloseable> opened = new ArrayList<>();
  final List<Command> commands = new ArrayList<>();
  final List<JobEvent> events = new ArrayList<>();
  final List<Integer> eventPartitions = new ArrayList<>();
  final List<SimpleMeterRegistry> registries = new ArrayList<>();

  WorkerBench(BrokerExtension broker) {
    this.broker = broker;
    this.serdes = RecordSerdes.over(broker.registry());
    broker.createTopics(Topics.fixed());
    this.producer = broker.clients().producer("bench");
    this.reader = broker.clients().reader("bench", Map.of());
    List<TopicPartition> read =
        List.of(
            new TopicPartition(Topics.COMMANDS.name(), 0),
            new TopicPartition(Topics.EVENTS.name(), 0),
            new TopicPartition(Topics.EVENTS.name(), 1));
    reader.assign(read);
    reader.seekToEnd(read);
    read.forEach(reader::position);
  }

  static Policy.Pool simulated(String id, int concurrency, Policy.Simulation simulation) {
    return simulated(id, concurrency, Policy.Timeouts.DEFAULT, simulation);
  }

  static Policy.Pool simulated(
      String id, int concurrency, Policy.Timeouts timeouts, Policy.Simulation simulation) {
    return new Policy.Pool(
        id,
        Policy.ProviderKind.SIMULATED,
        List.of(),
        Optional.empty(),
        concurrency,
        timeouts,
        Set.of("chat"),
        simulation);
  }

  static Policy.Pool upstream(String id, int concurrency, URI url, Policy.Timeouts timeouts) {
    return new Policy.Pool(
        id,
        Policy.ProviderKind.OPENAI_COMPATIBLE,
        List.of(new Policy.Endpoint(url, 1)),
        Optional.empty(),
        concurrency,
        timeouts,
        Set.of("chat"),
        Policy.Simulation.DEFAULT);
  }

  /// What stands behind a pool.
  ///
  /// @param port 0 for a free one
  static HttpServer vendor(int port, HttpHandler handler) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", handler);
    server.start();
    return server;
  }

  static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("content-type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  void publish(Policy.Pool... pools) {
    for (Policy.Pool pool : pools) {
      broker.createTopics(Topics.ofPool(pool.id()));
    }
    Map<String, Policy.Pool> byId =
        Arrays.stream(pools).collect(Collectors.toMap(Policy.Pool::id, pool -> pool));
    new PolicyPublisher(KafkaSettings.at(broker.bootstrapServers()), serdes, Clock.systemUTC())
        .apply(new Policy(0, Map.of(), byId, Map.of(), List.of()));
  }

  WorkerService startWorker(Path stateDir) throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    registries.add(meters);
    PolicyView view = new PolicyView(broker.clients(), serdes, meters);
    view.start();
    view.awaitFirst(PATIENCE);
    WorkerService worker =
        new WorkerService(
            WorkerConfig.DEFAULT,
            new ServiceContext(
                "worker-" + UUID.randomUUID(),
                broker.clients(),
                serdes,
                view,
                SecretSource.of(Map.of()),
                meters,
                Clock.systemUTC(),
                stateDir));
    opened.add(view);
    opened.add(worker);
    worker.start();
    Eventually.await("worker ready", PATIENCE, worker::ready);
    return worker;
  }

  Work.Builder work(String jobId, String pool, String body) {
    return Work.newBuilder()
        .setJobId(jobId)
        .setShard(TENANT)
        .setAttempt(1)
        .setRelease(1)
        .setContext(
            AttemptContext.newBuilder()
                .setTenant(TENANT)
                .setModel("fast")
                .setPool(pool)
                .setProviderModel("sim-1")
                .setReplyPartition(1)
                .build())
        .setEndpoint("/v1/chat/completions")
        .setDeadline(Instant.now().plusSeconds(600))
        .setBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)))
        .setSource(new RecordPosition(Topics.jobs(Priority.STANDARD).name(), 0, 0L));
  }

  void release(Priority priority, Work work) throws Exception {
    send(Topics.workName(work.getContext().getPool(), priority), null, Work.class, work);
  }

  void sayTo(Command claim, Verdict verdict) throws Exception {
    answered.add(claim.getClaim().getClaimId());
    InboxMessage message =
        InboxMessage.newBuilder()
            .setWorker(claim.getClaim().getWorker())
            .setJobId(claim.getJobId())
            .setAttempt(claim.getClaim().getAttempt())
            .setClaimId(claim.getClaim().getClaimId())
            .setVerdict(verdict)
            .build();
    send(Topics.INBOX.name(), claim.getClaim().getInboxPartition(), InboxMessage.class, message);
  }

  <T extends SpecificRecord> long send(String topic, Integer partition, Class<T> type, T record)
      throws Exception {
    byte[] value = serdes.forRecord(type).serializer().serialize(topic, record);
    return producer.send(new ProducerRecord<>(topic, partition, null, value)).get().offset();
  }

  void sendBytes(String topic, byte[] value) throws Exception {
    producer.send(new ProducerRecord<>(topic, value)).get();
  }

  /// Reads on until a command answers the description.
  Command awaitCommand(String what, Predicate<Command> wanted) throws Exception {
    Eventually.await(
        what,
        PATIENCE,
        () -> {
          read();
          return commands.stream().anyMatch(wanted);
        });
    return commands.stream().filter(wanted).findFirst().orElseThrow();
  }

  /// Reads on until a job's outcome is there, as the router that lets its claim call.
  Command awaitOutcome(String jobId) throws Exception {
    Predicate<Command> wanted =
        command -> command.getJobId().equals(jobId) && command.getOutcome() != null;
    Eventually.await(
        "outcome of " + jobId,
        PATIENCE,
        () -> {
          read();
          giveVerdicts();
          return commands.stream().anyMatch(wanted);
        });
    return commands.stream().filter(wanted).findFirst().orElseThrow();
  }

  /// Says run to every claim that waits for a word; work that had to queue is no longer young.
  void giveVerdicts() throws Exception {
    for (Command command : List.copyOf(commands)) {
      if (command.getClaim() != null
          && command.getClaim().getAwaitsVerdict()
          && !answered.contains(command.getClaim().getClaimId())) {
        sayTo(command, Verdict.RUN);
      }
    }
  }

  /// Reads all commands that are in the log now.
  void readToTheEnd() throws Exception {
    Command mark = new Command();
    mark.setJobId("mark_" + commands.size());
    mark.setTenant(TENANT);
    send(Topics.COMMANDS.name(), 0, Command.class, mark);
    awaitCommand("the end of the log", command -> command.getJobId().equals(mark.getJobId()));
  }

  Command awaitClaim(String jobId) throws Exception {
    return awaitCommand(
        "claim of " + jobId,
        command -> command.getJobId().equals(jobId) && command.getClaim() != null);
  }

  /// Takes in what has been written since the last call.
  void read() {
    for (var record : reader.poll(Duration.ofMillis(20))) {
      if (record.topic().equals(Topics.COMMANDS.name())) {
        commands.add(
            serdes
                .forRecord(Command.class)
                .deserializer()
                .deserialize(record.topic(), record.value()));
      } else {
        events.add(
            serdes
                .forRecord(JobEvent.class)
                .deserializer()
                .deserialize(record.topic(), record.value()));
        eventPartitions.add(record.partition());
      }
    }
  }

  long count(Predicate<Command> wanted) {
    return commands.stream().filter(wanted).count();
  }

  /// Calls running in a pool, over all workers started here.
  double slotsUsed(String pool) {
    return registries.stream()
        .flatMap(registry ->
            registry.find("sluice.worker.slots.used").tag("pool", pool).gauges().stream())
        .mapToDouble(Gauge::value)
        .sum();
  }

  /// Slots that each worker has in a pool.
  List<Double> slots(String pool) {
    return registries.stream()
        .flatMap(
            registry -> registry.find("sluice.worker.slots").tag("pool", pool).gauges().stream())
        .map(Gauge::value)
        .toList();
  }

  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
    reader.close();
    producer.close();
  }
}
