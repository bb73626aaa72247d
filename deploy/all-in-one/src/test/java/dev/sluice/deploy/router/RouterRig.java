package dev.sluice.deploy.router;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.Claim;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.router.RouterConfig;
import dev.sluice.router.RouterService;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.kafka.TopicCreator;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.policy.PolicyPublisher;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.testkit.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// A router on a broker, with the test in the place of ingress and worker.
final class RouterRig implements AutoCloseable {
  private static final Policy POLICY =
      new Policy(
          0,
          Map.of("acme", new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)),
          Map.of(
              "p",
              new Policy.Pool(
                  "p",
                  Policy.ProviderKind.SIMULATED,
                  List.of(),
                  Optional.empty(),
                  64,
                  Policy.Timeouts.DEFAULT,
                  Set.of("chat"),
                  Policy.Simulation.DEFAULT)),
          Map.of(
              "m",
              new Policy.Model(
                  "m", Optional.empty(), List.of(new Policy.Route("p", "x", 1)), List.of())),
          List.of(
              new Policy.Price(
                  "v1",
                  "p",
                  "x",
                  Instant.EPOCH,
                  Map.of(TokenKind.INPUT, BigDecimal.ONE, TokenKind.OUTPUT, BigDecimal.TWO))));

  private final BrokerExtension broker;
  private final RecordSerdes serdes;
  private final KafkaClients kafka;
  private final PolicyView policy;
  private final Path state = Files.createTempDirectory("router-rig");
  private final KafkaProducer<byte[], byte[]> producer;
  final RouterOutput output;
  private final Map<String, Claimed> claims = new ConcurrentHashMap<>();
  private final Random random = new Random(7);
  private final List<SimpleMeterRegistry> registries = new CopyOnWriteArrayList<>();
  private volatile boolean reporting = true;
  private volatile boolean beating = true;
  private RouterService router;
  private RouterService standby;

  private record Claimed(Work work, long claimId) {}

  RouterRig(BrokerExtension broker) throws Exception {
    this.broker = broker;
    serdes = RecordSerdes.over(broker.registry());
    kafka = broker.clients();
    broker.createTopics(Topics.fixed());
    KafkaSettings settings = new KafkaSettings(broker.bootstrapServers(), Map.of());
    new PolicyPublisher(settings, serdes, Clock.systemUTC()).apply(POLICY);
    policy = new PolicyView(kafka, serdes, new SimpleMeterRegistry());
    policy.start();
    policy.awaitFirst(Duration.ofSeconds(10));
    producer = kafka.producer("rig");
    output = new RouterOutput(kafka, serdes);
  }

  void startRouter() {
    startRouter(UnaryOperator.identity());
  }

  /// @param wire stands between the router and each of its producers
  void startRouter(UnaryOperator<Producer<byte[], byte[]>> wire) {
    router = router(state, wire);
    router.start();
  }

  private RouterService router(Path folder, UnaryOperator<Producer<byte[], byte[]>> wire) {
    return new RouterService(
        RouterConfig.defaults(new TopicCreator(1, 2, 1, Optional.empty())),
        new ServiceContext(
            "rig-" + random.nextInt(1 << 30),
            kafka,
            serdes,
            policy,
            SecretSource.of(Map.of()),
            registry(),
            Clock.systemUTC(),
            folder),
        wire);
  }

  /// A second router beside the first, ready.
  void startStandby() throws Exception {
    Eventually.await("router ready", Duration.ofSeconds(30), () -> router.ready());
    standby = router(state.resolve("standby"), UnaryOperator.identity());
    standby.start();
    Eventually.await("standby ready", Duration.ofSeconds(30), () -> standby.ready());
  }

  /// Stops the first; the second goes on alone.
  void leaveToStandby() throws Exception {
    router.close();
    router = standby;
    Eventually.await("standby owns the task", Duration.ofSeconds(30), () -> tasks() == 1);
    Eventually.await("standby ready", Duration.ofSeconds(30), () -> router.ready());
  }

  private SimpleMeterRegistry registry() {
    SimpleMeterRegistry made = new SimpleMeterRegistry();
    registries.add(made);
    return made;
  }

  /// Tasks that the routers here own.
  double tasks() {
    return registries.stream()
        .mapToDouble(registry -> registry.get("sluice.router.tasks").gauge().value())
        .sum();
  }

  /// Jobs that the routers here have admitted.
  double admitted() {
    return registries.stream()
        .mapToDouble(registry -> registry.get("sluice.router.jobs.admitted").counter().count())
        .sum();
  }

  void restartRouter() {
    router.close();
    startRouter();
  }

  /// Lets the router live so long, and puts another in its place.
  void restartRouterAfter(Duration life) {
    LockSupport.parkNanos(life.toNanos());
    restartRouter();
  }

  void startWorker() throws Exception {
    Eventually.await("router ready", Duration.ofSeconds(30), () -> router.ready());
    output.follow(Topics.workName("p", Priority.STANDARD), Work.class, this::work);
    output.run(this::beat);
  }

  /// A worker that claims all it gets and never says what became of it.
  void startSilentWorker() throws Exception {
    reporting = false;
    startWorker();
  }

  /// No beat, no word.
  void workerDies() {
    beating = false;
  }

  private void beat() {
    var serde = serdes.forRecord(Beat.class);
    String topic = Topics.WORKERS.name();
    while (beating) {
      Beat beat =
          new Beat("w", BeatKind.WORKER, List.of("p"), 0, false, List.of(), List.of(), List.of());
      producer.send(new ProducerRecord<>(topic, serde.serializer().serialize(topic, beat)));
      LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    }
  }

  String submit(String text) throws Exception {
    return submit(text, null);
  }

  /// @param key the caller's idempotency key; null for none
  String submit(String text, @Nullable String key) throws Exception {
    return submit(text, key, null);
  }

  String submitIn(String group, String text) throws Exception {
    return submit(text, null, group);
  }

  private String submit(String text, @Nullable String key, @Nullable String group)
      throws Exception {
    JobId id = JobId.create(Instant.now(), 0, 0, ThreadLocalRandom.current().nextLong());
    Submission submission =
        Submission.newBuilder()
            .setJobId(id.text())
            .setTenant("acme")
            .setPriority(PriorityClass.STANDARD)
            .setEndpoint("/v1/chat/completions")
            .setModel("m")
            .setBody(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
            .setCreatedAt(Instant.now())
            .setDeadline(Instant.now().plus(Duration.ofHours(1)))
            .setReplyPartition(0)
            .setEstimatedInputTokens(10)
            .setIdempotencyKey(key)
            .setGroup(group)
            .setFingerprint(
                ByteBuffer.wrap(Arrays.copyOf(text.getBytes(StandardCharsets.UTF_8), 16)))
            .build();
    String topic = Topics.jobs(Priority.STANDARD).name();
    producer
        .send(
            new ProducerRecord<>(
                topic,
                "acme".getBytes(StandardCharsets.UTF_8),
                serdes.forRecord(Submission.class).serializer().serialize(topic, submission)))
        .get();
    return id.text();
  }

  private void work(Work work) {
    long claimId = random.nextLong();
    Command command = new Command();
    command.setClaim(new Claim(work.getAttempt(), work.getRelease(), claimId, "w", 0, false, 0));
    command(work.getJobId(), command);
    claims.put(work.getJobId(), new Claimed(work, claimId));
    if (reporting) {
      report(work.getJobId());
    }
  }

  /// Tells that the call of a claimed job succeeded.
  void report(String job) {
    reportTokens(job, 4);
  }

  /// @param output tokens of the answer
  void reportTokens(String job, long output) {
    Claimed claimed = Objects.requireNonNull(claims.get(job));
    Outcome outcome =
        Outcome.newBuilder()
            .setAttempt(claimed.work.getAttempt())
            .setClaimId(claimed.claimId)
            .setWorker("w")
            .setContext(claimed.work.getContext())
            .setResult(ByteBuffer.wrap("{}".getBytes(StandardCharsets.UTF_8)))
            .setUsage(new Usage(Map.of("input", 3L, "output", output), UsageSource.REPORTED))
            .setStartedAt(Instant.now())
            .setFinishedAt(Instant.now())
            .build();
    Command command = new Command();
    command.setOutcome(outcome);
    command(job, command);
  }

  void awaitClaim(String job) throws Exception {
    Eventually.await("claim of " + job, Duration.ofSeconds(20), () -> claims.containsKey(job));
  }

  /// Writes a record as it is, to the partition that a router of the rig reads.
  void sendRaw(Topic topic, byte @Nullable [] value) throws Exception {
    producer.send(new ProducerRecord<>(topic.name(), 0, null, value)).get();
  }

  /// Asks for the end of a job that the worker has claimed.
  void cancelClaimed(String job) throws Exception {
    awaitClaim(job);
    Command command = new Command();
    command.setCancel(new Cancel("caller"));
    command(job, command);
  }

  /// Asks for the end of all jobs of a group.
  void cancelGroup(String group) {
    Command command = new Command();
    command.setCancel(new Cancel("caller"));
    command.setGroup(group);
    command("", command);
  }

  private void command(String job, Command command) {
    command.setJobId(job);
    command.setTenant("acme");
    String topic = Topics.COMMANDS.name();
    producer.send(
        new ProducerRecord<>(
            topic,
            "acme".getBytes(StandardCharsets.UTF_8),
            serdes.forRecord(Command.class).serializer().serialize(topic, command)));
  }

  @Override
  public void close() {
    beating = false;
    output.close();
    router.close();
    if (standby != null) {
      standby.close();
    }
    policy.close();
    producer.close();
  }
}
