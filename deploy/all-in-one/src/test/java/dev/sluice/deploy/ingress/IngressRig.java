package dev.sluice.deploy.ingress;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.IngressServer;
import dev.sluice.ingress.blob.BlobPlace;
import dev.sluice.ingress.callback.CallbackSettings;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.Secret;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.policy.PolicyPublisher;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.testkit.Eventually;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Deserializer;

/// Ingresses on a broker, and a caller of theirs.
final class IngressRig implements AutoCloseable {
  private static final String KEY = "sk-rig";
  private static final Policy POLICY =
      new Policy(
          0,
          Map.of(
              "acme",
              new Policy.Tenant(
                  "acme",
                  List.of(new Policy.ApiKey("k", "${sluice:rig}", EnumSet.allOf(Scope.class))),
                  Map.of(),
                  Policy.OnCrash.RETRY,
                  4)),
          Map.of(),
          Map.of("m", new Policy.Model("m", Optional.empty(), List.of(), List.of())),
          List.of());

  private final KafkaClients kafka;
  private final RecordSerdes serdes;
  private final PolicyView policy;
  private final HttpClient client = HttpClient.newHttpClient();
  private int processes;

  IngressRig(String bootstrapServers, RecordSerdes serdes) throws Exception {
    this.kafka = new KafkaClients(bootstrapServers, Map.of());
    this.serdes = serdes;
    KafkaSettings settings = KafkaSettings.at(bootstrapServers);
    new PolicyPublisher(settings, serdes, Clock.systemUTC()).apply(POLICY);
    policy = new PolicyView(kafka, serdes, new SimpleMeterRegistry());
    policy.start();
    policy.awaitFirst(Duration.ofSeconds(20));
  }

  KafkaClients kafka() {
    return kafka;
  }

  /// Starts an ingress and waits until it is ready.
  ///
  /// @param owned its reply partitions; none for all
  IngressServer start(Path state, Integer... owned) throws Exception {
    return start(state, new SimpleMeterRegistry(), owned);
  }

  /// @param meters for what it counts
  IngressServer start(Path state, MeterRegistry meters, Integer... owned) throws Exception {
    IngressConfig config =
        new IngressConfig(
            "127.0.0.1",
            0,
            List.of(owned),
            IngressConfig.Limits.DEFAULT,
            IngressConfig.Timing.DEFAULT,
            2,
            new IngressConfig.Storage(
                new BlobPlace.Folder(state.resolve("blobs")),
                Duration.ofDays(1),
                1 << 20,
                Optional.empty(),
                Duration.ofHours(1)),
            CallbackSettings.NONE);
    IngressServer server =
        new IngressServer(
            config,
            new ServiceContext(
                "rig-" + processes++,
                kafka,
                serdes,
                policy,
                SecretSource.of(Map.of()).with("rig", Secret.of(KEY)),
                meters,
                Clock.systemUTC(),
                state));
    server.start();
    Eventually.await("ingress ready", Duration.ofSeconds(30), server::ready);
    return server;
  }

  HttpResponse<String> get(IngressServer server, String path) throws Exception {
    return client.send(request(server, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> getting(IngressServer server, String path) {
    return client.sendAsync(request(server, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(IngressServer server, String path, String body) throws Exception {
    return client.send(
        request(server, path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> delete(IngressServer server, String path) throws Exception {
    return client.send(
        request(server, path).DELETE().build(), HttpResponse.BodyHandlers.ofString());
  }

  /// Waits for so many dead letters: place and code of each.
  Set<String> awaitLetters(int count) throws Exception {
    Set<String> letters = new TreeSet<>();
    Deserializer<DeadLetter> deserializer = serdes.forRecord(DeadLetter.class).deserializer();
    try (KafkaConsumer<byte[], byte[]> reader = kafka.reader("rig-letters", Map.of())) {
      List<TopicPartition> all =
          reader.partitionsFor(Topics.DLQ.name()).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      reader.assign(all);
      reader.seekToBeginning(all);
      Eventually.await(
          "dead letters",
          Duration.ofSeconds(20),
          () -> {
            reader
                .poll(Duration.ofMillis(100))
                .forEach(record -> {
                  DeadLetter letter = deserializer.deserialize(record.topic(), record.value());
                  letters.add(
                      letter.getTopic() + "/" + letter.getPartition() + " " + letter.getCode());
                });
            return letters.size() >= count;
          });
    }
    return letters;
  }

  private static HttpRequest.Builder request(IngressServer server, String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + path))
        .timeout(Duration.ofSeconds(40))
        .header("Authorization", "Bearer " + KEY);
  }

  @Override
  public void close() {
    policy.close();
    client.close();
  }
}
