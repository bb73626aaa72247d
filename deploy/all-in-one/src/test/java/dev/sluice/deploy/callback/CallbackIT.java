package dev.sluice.deploy.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.ingress.callback.CallbackService;
import dev.sluice.ingress.callback.CallbackSettings;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.callback.HostResolver;
import dev.sluice.ingress.callback.Vault;
import dev.sluice.ingress.core.callback.DeliveryBook;
import dev.sluice.ingress.core.callback.DeliveryRule;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.Ladder;
import dev.sluice.ingress.core.callback.Networks;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.runtime.config.Secret;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.testkit.Eventually;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Callbacks over a real log, to a real receiver, with a ladder of tenths of seconds.
@InThisJvm
class CallbackIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final CallbackSettings SETTINGS =
      new CallbackSettings(
          Networks.of(List.of("127.0.0.0/8")),
          Optional.of(Secret.of("key")),
          new DeliveryRule(
              new Ladder(
                  List.of(
                      Duration.ofMillis(300),
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(1)),
                  Duration.ofMinutes(1)),
              Duration.ofSeconds(1)),
          new DeliveryBook.Bounds(4, 8, 16));

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static KafkaClients kafka;
  private static RecordSerdes serdes;
  private static KafkaProducer<byte[], byte[]> producer;

  @TempDir Path state;
  private CallbackReceiver receiver;
  private CallbackService service;
  private Callbacks callbacks;
  private String tenant;
  private static int tests;

  @BeforeAll
  static void begin() {
    BROKER.createTopics(Topics.fixed());
    kafka = BROKER.clients();
    serdes = RecordSerdes.over(BROKER.registry());
    producer = kafka.producer("callback-test");
  }

  @AfterAll
  static void end() {
    producer.close();
  }

  @BeforeEach
  void start() throws Exception {
    tenant = "tenant-" + tests++;
    receiver = new CallbackReceiver();
    restart();
  }

  @AfterEach
  void stop() {
    service.close();
    receiver.close();
  }

  private void restart() throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    ServiceContext context =
        new ServiceContext(
            "test-" + System.nanoTime(),
            kafka,
            serdes,
            new PolicyView(kafka, serdes, meters),
            SecretSource.of(Map.of()),
            meters,
            Clock.systemUTC(),
            state);
    service = new CallbackService(context, SETTINGS, HostResolver.SYSTEM);
    callbacks = service.port();
    service.start("test");
    Eventually.await("endpoints are read", SOON, this::endpointsAreRead);
  }

  private boolean endpointsAreRead() {
    try {
      callbacks.endpoints().all(tenant);
      return true;
    } catch (dev.sluice.ingress.log.LogUnavailableException e) {
      return false;
    }
  }

  /// Registers an endpoint.
  ///
  /// @return its secret
  private byte[] register(String owner, String id, String path, String... types) {
    Vault vault = callbacks.vault().orElseThrow();
    byte[] secret = vault.create();
    Instant now = Instant.now();
    callbacks
        .endpoints()
        .put(
            new Receiver(
                owner,
                id,
                "",
                Optional.of(receiver.url(path)),
                List.of(types),
                List.of(vault.seal(owner, id, secret, now)),
                now,
                now,
                Optional.empty()));
    return secret;
  }

  /// Writes the end of a job, as the router does, and a second time, as after a crash.
  private String ended(String owner, JobStatus status, String url) {
    JobId id = JobId.create(Instant.now(), 1, 0, System.nanoTime());
    JobResult result = new JobResult();
    result.setJobId(id.text());
    result.setTenant(owner);
    result.setStatus(status);
    result.setFinishedAt(Instant.now());
    result.setExpiresAt(Instant.now().plusSeconds(60));
    result.setAttempts(List.of());
    result.setCallback(new JobCallback("/v1/chat/completions", url, null));
    String topic = Topics.RESULTS.name();
    byte[] value = serdes.forRecord(JobResult.class).serializer().serialize(topic, result);
    for (int copies = 0; copies < 2; copies++) {
      var _ =
          producer.send(
              new ProducerRecord<>(topic, 1, id.text().getBytes(StandardCharsets.UTF_8), value));
    }
    producer.flush();
    return id.text();
  }

  private Callback delivery(String subject, CallbackState state) throws Exception {
    List<Callback> found = new ArrayList<>();
    Eventually.await(
        "delivery of " + subject + " is " + state,
        SOON,
        () -> {
          found.clear();
          found.addAll(callbacks.deliveries().ofSubject(tenant, subject, 10));
          return !found.isEmpty() && found.getFirst().getState() == state;
        });
    return found.getFirst();
  }

  private void awaitCalls(String path, int count) throws Exception {
    Eventually.await(count + " calls of " + path, SOON, () -> receiver.calls(path).size() >= count);
  }

  private static void assertSigned(byte[] secret, CallbackReceiver.Received call) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    String signed = call.id() + "." + call.timestamp() + "." + call.body();
    String expected =
        "v1,"
            + Base64.getEncoder()
                .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    assertTrue(List.of(call.signature().split(" ")).contains(expected), call::toString);
  }

  @Test
  void tellsAReceiverUntilItHasHeard() throws Exception {
    receiver.answers("/flaky", number -> number < 3 ? 500 : 200);
    byte[] secret = register(tenant, "whe_flaky", "/flaky", "job.succeeded");

    String job = ended(tenant, JobStatus.SUCCEEDED, null);
    ended(tenant, JobStatus.FAILED, null);

    Callback delivered = delivery(job, CallbackState.DELIVERED);
    List<CallbackReceiver.Received> calls = receiver.calls("/flaky");
    assertEquals(3, calls.size());
    assertEquals(1, calls.stream().map(CallbackReceiver.Received::id).distinct().count());
    assertEquals(1, calls.stream().map(CallbackReceiver.Received::body).distinct().count());
    assertTrue(calls.getFirst().body().contains("\"id\":\"" + job + "\""));
    assertEquals(3, delivered.getAttempts());
    assertEquals(200, delivered.getLastStatus());
    for (CallbackReceiver.Received call : calls) {
      assertSigned(secret, call);
    }
  }

  @Test
  void losesNoneWhenItIsKilledBetweenAttempts() throws Exception {
    receiver.answers("/down", _ -> 500);
    register(tenant, "whe_down", "/down", "job.*");
    Set<String> jobs = new HashSet<>();
    // More than memory keeps of one receiver, so that some are only in the log.
    for (int i = 0; i < 40; i++) {
      jobs.add(ended(tenant, JobStatus.SUCCEEDED, null));
    }
    awaitCalls("/down", 20);

    service.abandon();
    receiver.answers("/down", _ -> 204);
    restart();

    for (String job : jobs) {
      delivery(job, CallbackState.DELIVERED);
    }
    Map<String, Long> ids = new java.util.HashMap<>();
    receiver.calls("/down").forEach(call -> ids.merge(call.id(), 1L, Long::sum));
    assertEquals(40, ids.size());
    Eventually.await("nothing waits", SOON, () -> waiting(tenant).isEmpty());
  }

  @Test
  void aSilentReceiverHoldsUpNobodyElse() throws Exception {
    receiver.answers("/silent", _ -> 0);
    register(tenant, "whe_silent", "/silent", "job.*");
    String other = tenant + "-other";
    register(other, "whe_quick", "/quick", "job.*");
    for (int i = 0; i < 20; i++) {
      ended(tenant, JobStatus.SUCCEEDED, null);
    }
    awaitCalls("/silent", 4);

    long began = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      ended(other, JobStatus.SUCCEEDED, null);
    }
    awaitCalls("/quick", 5);

    assertTrue(Duration.ofNanos(System.nanoTime() - began).toSeconds() < 5);
    assertEquals(4, receiver.calls("/silent").size(), "at once to one receiver");
  }

  @Test
  void asksNoMoreOfAReceiverThatIsGone() throws Exception {
    receiver.answers("/gone", _ -> 410);
    register(tenant, "whe_gone", "/gone", "job.*");

    String job = ended(tenant, JobStatus.SUCCEEDED, null);

    delivery(job, CallbackState.DISABLED);
    assertEquals(
        Optional.of("gone"),
        callbacks.endpoints().find(tenant, "whe_gone").orElseThrow().disabledReason());
    assertEquals(1, receiver.calls("/gone").size());
    assertEquals("callback_failed", deadLetterOf(job).getCode());
  }

  @Test
  void setsAsideWhatNobodyTookAndDeliversItWhenAsked() throws Exception {
    receiver.answers("/later", number -> number <= 5 ? 503 : 204);
    String job = ended(tenant, JobStatus.EXPIRED, receiver.url("/later"));

    Callback exhausted = delivery(job, CallbackState.EXHAUSTED);
    assertEquals(5, exhausted.getAttempts());
    assertTrue(deadLetterOf(job).getMessage().contains("after 5 attempts"));

    callbacks.deliveries().redeliver(exhausted);

    delivery(job, CallbackState.DELIVERED);
    List<CallbackReceiver.Received> calls = receiver.calls("/later");
    assertEquals(6, calls.size());
    assertEquals(1, calls.stream().map(CallbackReceiver.Received::id).distinct().count());
    assertSigned(callbacks.vault().orElseThrow().standard(tenant), calls.getFirst());
  }

  @Test
  void tellsWhatAnotherComponentRaises() throws Exception {
    register(tenant, "whe_batch", "/batch", "batch.completed");

    service
        .writer()
        .raise(Event.of(tenant, "batch.completed", "batch_1", "completed", Instant.now()))
        .get(10, TimeUnit.SECONDS);

    awaitCalls("/batch", 1);
    assertTrue(receiver.calls("/batch").getFirst().body().contains("\"id\":\"batch_1\""));
  }

  private DeadLetter deadLetterOf(String job) throws Exception {
    List<DeadLetter> found = new ArrayList<>();
    Eventually.await(
        "dead letter of " + job,
        SOON,
        () -> {
          for (ConsumerRecord<byte[], byte[]> record : all(Topics.DLQ.name())) {
            DeadLetter letter =
                serdes
                    .forRecord(DeadLetter.class)
                    .deserializer()
                    .deserialize(record.topic(), record.value());
            if (job.equals(letter.getJobId())) {
              found.add(letter);
            }
          }
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  /// Keys of a tenant's callbacks that the log still holds.
  private Set<String> waiting(String owner) {
    Set<String> left = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : all(Topics.CALLBACKS.name())) {
      String key = new String(record.key(), StandardCharsets.UTF_8);
      if (record.value() == null) {
        left.remove(key);
      } else if (serdes
          .forRecord(Callback.class)
          .deserializer()
          .deserialize(record.topic(), record.value())
          .getTenant()
          .equals(owner)) {
        left.add(key);
      }
    }
    return left;
  }

  private static List<ConsumerRecord<byte[], byte[]>> all(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> reader = kafka.reader("callback-test", Map.of())) {
      List<TopicPartition> partitions =
          reader.partitionsFor(topic).stream()
              .map(one -> new TopicPartition(topic, one.partition()))
              .toList();
      reader.assign(partitions);
      reader.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> reader.position(end.getKey()) < end.getValue())) {
        reader.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }
}
