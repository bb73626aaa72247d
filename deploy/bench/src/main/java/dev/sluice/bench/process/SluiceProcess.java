package dev.sluice.bench.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// `deploy/sluice up`, or a part of it alone, with the launcher's own options, on free ports.
public final class SluiceProcess implements AutoCloseable {
  public static final String KEY = "sk-sluice-bench-key-0123456789";
  public static final String MODEL = "bench";

  private static final String CONFIG = "sluice.yaml";
  private static final Duration START = Duration.ofMinutes(10);
  private static final Map<String, String> ENVIRONMENT =
      Map.of("SLUICE_BENCH_KEY", KEY, "SLUICE_CALLBACK_ALLOW", "127.0.0.0/8");

  private final Child child;
  private final ReadyLine ready;
  private final Duration readyAfter;

  private SluiceProcess(Child child, ReadyLine ready, Duration readyAfter) {
    this.child = child;
    this.ready = ready;
    this.readyAfter = readyAfter;
  }

  /// Starts it and waits until it can serve.
  ///
  /// @param folder for its configuration, its data and its log
  public static SluiceProcess start(Path launcher, Path folder, URI provider, int concurrency)
      throws IOException, InterruptedException {
    return start(launcher, folder, policy(provider, concurrency), ENVIRONMENT);
  }

  /// The same with a policy of one's own.
  ///
  /// @param environment secrets that the policy names
  public static SluiceProcess start(
      Path launcher, Path folder, String policy, Map<String, String> environment)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path config = Files.writeString(folder.resolve(CONFIG), policy);
    List<String> command =
        List.of(
            launcher.toString(),
            "up",
            "-c",
            config.toString(),
            "--data",
            folder.resolve("data").toString(),
            "--port",
            "0",
            "--kafka-port",
            "0",
            "--admin-port",
            "0");
    return start(command, environment, folder);
  }

  private static SluiceProcess start(
      List<String> command, Map<String, String> environment, Path folder)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    Child child = Child.start(command, environment, folder.resolve("sluice.log"));
    try {
      String line = child.awaitLine(START);
      Duration readyAfter = Duration.ofNanos(System.nanoTime() - began);
      ReadyLine ready =
          ReadyLine.parse(line).orElseThrow(() -> new IOException("not a ready line: " + line));
      return new SluiceProcess(child, ready, readyAfter);
    } catch (IOException | InterruptedException e) {
      child.kill();
      throw e;
    }
  }

  /// Starts one more ingress, in a process of its own, on this one's broker.
  ///
  /// @param configured folder that this one was started with
  /// @param folder for the data and the log of the ingress
  public SluiceProcess ingress(Path launcher, Path configured, Path folder)
      throws IOException, InterruptedException {
    return service("ingress", launcher, configured, folder);
  }

  /// Starts a router, in a process of its own, on this one's broker.
  ///
  /// @param configured folder that this one was started with
  /// @param folder for the data and the log of the router
  public SluiceProcess router(Path launcher, Path configured, Path folder)
      throws IOException, InterruptedException {
    return service("router", launcher, configured, folder);
  }

  /// Starts a broker alone, with the topics and the policy of a configuration.
  ///
  /// @param folder for its configuration, its data and its log
  public static SluiceProcess broker(Path launcher, Path folder, String policy)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path config = Files.writeString(folder.resolve(CONFIG), policy);
    String data = folder.resolve("data").toString();
    SluiceProcess broker =
        start(
            List.of(launcher.toString(), "kafka", "--data", data, "--kafka-port", "0"),
            ENVIRONMENT,
            folder);
    Child apply =
        Child.start(
            List.of(launcher.toString(), "apply", "-c", config.toString()),
            broker.environment(folder),
            folder.resolve("apply.log"));
    try {
      apply.awaitLine(START);
    } catch (IOException | InterruptedException e) {
      broker.kill();
      throw e;
    } finally {
      apply.terminate();
    }
    return broker;
  }

  private SluiceProcess service(String name, Path launcher, Path configured, Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    List<String> command =
        List.of(launcher.toString(), name, "-c", configured.resolve(CONFIG).toString());
    SluiceProcess service = start(command, environment(folder), folder);
    return new SluiceProcess(service.child, service.ready.on(kafka()), service.readyAfter);
  }

  private Map<String, String> environment(Path folder) {
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.put("SLUICE_KAFKA_BOOTSTRAP_SERVERS", kafka());
    environment.put("SLUICE_PORT", "0");
    environment.put("SLUICE_ADMIN_PORT", "0");
    environment.put("SLUICE_DATA", folder.resolve("data").toString());
    return environment;
  }

  private static String policy(URI provider, int concurrency) {
    return """
    tenants:
      - id: bench
        keys:
          - {id: bench, secret: "${env:SLUICE_BENCH_KEY}", scopes: [submit, read, cancel, costs]}
    pools:
      - id: mock
        provider: openai-compatible
        base_url: %s
        concurrency: %d
        timeouts: {queue: PT1H, connect: PT3S, first_token: PT1H, idle: PT1H, total: PT1H}
    models:
      - id: %s
        routes: [{pool: mock, model: bench-1, weight: 1}]
    prices:
      - {pool: mock, model: bench-1, from: 2026-01-01, input: 0.15, cached_input: 0.075, output: 0.60}
    """
        .formatted(provider.resolve("/v1"), concurrency, MODEL);
  }

  public URI http() {
    return ready.http();
  }

  /// `host:port` of its broker, or of the one that it uses.
  public String kafka() {
    return ready.kafka();
  }

  /// Its admin port, where the schema registry is.
  public URI admin() {
    return ready.admin();
  }

  public long pid() {
    return child.pid();
  }

  /// From the launcher's start to the ready line.
  public Duration readyAfter() {
    return readyAfter;
  }

  /// Whether no job waits or runs.
  public boolean hasNoLiveJob() throws IOException, InterruptedException {
    return hasNone("queued") && hasNone("running");
  }

  private boolean hasNone(String status) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(http().resolve("/v1/jobs?limit=1&status=" + status))
              .header("Authorization", "Bearer " + KEY)
              .build();
      return http.send(request, BodyHandlers.ofString())
          .body()
          .replaceAll("\\s", "")
          .contains("\"data\":[]");
    }
  }

  /// Requests that its Kafka clients have sent, where it publishes them.
  public OptionalLong kafkaRequests() throws IOException, InterruptedException {
    double[] values = metrics("sluice_kafka_requests_total");
    return values.length == 0
        ? OptionalLong.empty()
        : OptionalLong.of(Math.round(Arrays.stream(values).sum()));
  }

  /// The same by what the client is for.
  public Map<String, Double> kafkaRequestsByClient() throws IOException, InterruptedException {
    Map<String, Double> byClient = new HashMap<>();
    for (String line : metricLines("sluice_kafka_requests_total")) {
      String client = line.substring(line.indexOf("client=\"") + 8).split("\"", 2)[0];
      byClient.merge(client, value(line), Double::sum);
    }
    return byClient;
  }

  /// The sum of a metric over its labels.
  public double metric(String name) throws IOException, InterruptedException {
    return Arrays.stream(metrics(name)).sum();
  }

  private double[] metrics(String name) throws IOException, InterruptedException {
    return metricLines(name).stream().mapToDouble(SluiceProcess::value).toArray();
  }

  private static double value(String line) {
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  private List<String> metricLines(String name) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI metrics = ready.admin().resolve("/metrics");
      return http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name))
          .toList();
    }
  }

  /// Heap in use after a full collection, MiB.
  public double liveHeapMib() throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    new ProcessBuilder(jcmd, Long.toString(pid()), "GC.run")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    return metric("sluice_jvm_memory_used_bytes{area=\"heap\"") / (1024 * 1024);
  }

  public void terminate() throws InterruptedException {
    child.terminate();
  }

  public void kill() throws InterruptedException {
    child.kill();
  }

  @Override
  public void close() {
    try {
      child.terminate();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
