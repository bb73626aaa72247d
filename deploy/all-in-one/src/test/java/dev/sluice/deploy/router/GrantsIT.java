package dev.sluice.deploy.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.ServiceKind;
import dev.sluice.deploy.SluiceNode;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.runtime.config.ConfigInput;
import dev.sluice.runtime.config.ConfigLoader;
import dev.sluice.runtime.config.ConfigOutcome;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.testkit.Eventually;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// A pool shared by tenants of several router tasks in two routers, with a broker and calls between
/// them: a tenant that has a task to itself gets what each of three gets that share one.
@InThisJvm
class GrantsIT {
  private static final int PARTITIONS = 4;
  private static final int JOBS = 250;
  private static final int MEASURED = 240;
  private static final int CALLERS = 16;
  private static final Duration LONG = Duration.ofMinutes(2);

  private static final String TENANT =
      "  - {id: %1$s, keys: [{id: k, secret: \"${env:KEY_%1$s}\", scopes: [submit, read, costs]}]}\n";

  /// Forty calls a second.
  private static final String CONFIGURATION =
      """
      server:
        topics: {partitions: {router: 4}}
      tenants:
      %spools:
        - {id: p, provider: simulated, concurrency: 16, simulation: {first_token: PT0.4S, tokens_per_second: 0}}
      models:
        - {id: m, routes: [{pool: p, model: m}]}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;
  private URI url = URI.create("http://127.0.0.1");

  @AfterEach
  void closeClient() {
    http.shutdownNow();
  }

  @Test
  void tenantsShareAlikeAcrossTasksOfTwoRouters() throws Exception {
    String alone = named(0).getFirst();
    List<String> together = named(1).subList(0, 3);
    List<String> tenants = new ArrayList<>(together);
    tenants.add(alone);
    String configuration =
        CONFIGURATION.formatted(
            tenants.stream().map(TENANT::formatted).collect(Collectors.joining()));
    Map<String, String> secrets =
        tenants.stream().collect(Collectors.toMap(tenant -> "KEY_" + tenant, GrantsIT::key));

    try (AllInOne first = WholeSluice.in(folder, configuration, secrets)) {
      AllInOne.Ready ready = first.start();
      url = URI.create("http://" + ready.http());
      try (SluiceNode second = secondRouter(ready.kafka(), secrets)) {
        second.start(List.of(ServiceKind.ROUTER), _ -> {});
        second.awaitReady(Optional.of(LONG));
        submitAll(tenants);

        Map<String, Integer> before = ended(tenants);
        Map<String, Integer> after = new HashMap<>();
        Eventually.await(
            "enough of them ended",
            LONG,
            () -> {
              after.putAll(ended(tenants));
              return sum(after) - sum(before) >= MEASURED;
            });

        after.values().forEach(jobs -> assertTrue(jobs < JOBS, after::toString));
        int own = after.get(alone) - before.get(alone);
        double others = together.stream().mapToInt(t -> after.get(t) - before.get(t)).sum() / 3.0;
        // Without grants each task gets the same, and so this tenant three times what it is due.
        assertEquals(1, own / others, 0.5, "from " + before + " to " + after);
      }
    }
  }

  private SluiceNode secondRouter(String kafka, Map<String, String> secrets) {
    SecretSource source = SecretSource.of(secrets);
    ConfigOutcome outcome =
        ConfigLoader.load(
            new ConfigInput(
                Optional.of(folder.resolve("sluice.yaml")),
                Map.of(),
                Map.of("admin_port", "0"),
                source,
                ConfigInput.Demand.SERVER));
    ServerConfig config =
        assertInstanceOf(ConfigOutcome.Loaded.class, outcome, outcome::toString)
            .configuration()
            .server();
    return new SluiceNode(
        config.withKafka(KafkaSettings.at(kafka)), source, folder.resolve("second"));
  }

  /// Tenants whose jobs come to one partition.
  private static List<String> named(int partition) {
    List<String> found = new ArrayList<>();
    for (int i = 0; found.size() < 3; i++) {
      String name = "t" + i;
      byte[] key = name.getBytes(StandardCharsets.UTF_8);
      if (Utils.toPositive(Utils.murmur2(key)) % PARTITIONS == partition) {
        found.add(name);
      }
    }
    return found;
  }

  private static String key(String tenant) {
    return "sk-grants-" + tenant;
  }

  private void submitAll(List<String> tenants) throws Exception {
    try (ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        for (String tenant : tenants) {
          answers.add(callers.submit(() -> submit(tenant)));
        }
      }
      for (Future<Integer> answer : answers) {
        assertEquals(202, answer.get());
      }
    }
  }

  /// So large that tenants of a task take turns after a few jobs.
  private int submit(String tenant) throws Exception {
    HttpRequest request =
        asks(tenant, "/v1/jobs")
            .header("Prefer", "respond-async")
            .POST(
                BodyPublishers.ofString(
                    "{\"model\":\"m\",\"max_tokens\":1000,"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"))
            .build();
    return http.send(request, BodyHandlers.ofString()).statusCode();
  }

  /// Jobs of each tenant whose costs are known, count.
  private Map<String, Integer> ended(List<String> tenants) throws Exception {
    Map<String, Integer> ended = new HashMap<>();
    for (String tenant : tenants) {
      HttpResponse<String> costs =
          http.send(asks(tenant, "/v1/costs?by=tenant").build(), BodyHandlers.ofString());
      int jobs = 0;
      for (var row : JsonMapper.shared().readTree(costs.body()).required("data")) {
        jobs += row.required("jobs").intValue();
      }
      ended.put(tenant, jobs);
    }
    return ended;
  }

  private HttpRequest.Builder asks(String tenant, String path) {
    return HttpRequest.newBuilder(url.resolve(path))
        .header("Authorization", "Bearer " + key(tenant))
        .header("Content-Type", "application/json");
  }

  private static int sum(Map<String, Integer> jobs) {
    return jobs.values().stream().mapToInt(Integer::intValue).sum();
  }
}
