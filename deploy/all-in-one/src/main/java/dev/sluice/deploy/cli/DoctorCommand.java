package dev.sluice.deploy.cli;

import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.kafka.KafkaClients;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// `sluice doctor`: looks at everything that Sluice needs, and says of each thing that is missing
/// what to do about it.
@Command(
    name = "doctor",
    description = "Look at what Sluice needs here, and say what to do about what is missing.")
final class DoctorCommand implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final int NEEDED_JAVA = 25;

  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private LogOptions log;

  @Option(
      names = {"--admin"},
      paramLabel = "URL",
      description =
          "Admin port (SLUICE_ADMIN, default: that of the file, else http://127.0.0.1:9090).")
  private @Nullable URI admin;

  @Option(
      names = {"--data"},
      paramLabel = "DIR",
      description = "Data folder (SLUICE_DATA, default: that of the file, else .sluice).")
  private @Nullable Path data;

  /// Topics that there should be, and those that Kafka has once it was asked.
  private final Set<String> topics =
      Topics.fixed().stream().map(Topic::name).collect(Collectors.toCollection(TreeSet::new));

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int bad = 0;
    for (Callable<Finding> check : checks(log.config())) {
      switch (run(check)) {
        case Finding.Good(String what) -> out.println("ok    " + what);
        case Finding.Bad(String what, String remedy) -> {
          out.println("FAIL  " + what + "\n      " + remedy);
          bad++;
        }
      }
      out.flush();
    }
    return (bad == 0 ? ExitCode.DONE : ExitCode.ENVIRONMENT).number();
  }

  private List<Callable<Finding>> checks(ServerConfig config) {
    URI port = admin == null ? address(config.adminHost(), config.adminPort()) : admin;
    Path folder = (data == null ? config.data() : data).toAbsolutePath();
    return List.of(
        DoctorCommand::java,
        () -> dataFolder(folder),
        () -> ready(port),
        () -> topics(config.kafka()),
        () -> registry(config.registry(), port),
        () -> policy(address(config.host(), config.port())));
  }

  private static URI address(String host, int port) {
    return URI.create("http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, port));
  }

  private static Finding run(Callable<Finding> check) {
    try {
      return check.call();
    } catch (Exception e) {
      return new Finding.Bad(e.toString(), "this check itself failed, please report it");
    }
  }

  private static Finding java() {
    int version = Runtime.version().feature();
    return version >= NEEDED_JAVA
        ? new Finding.Good("Java " + version)
        : new Finding.Bad("Java " + version, "install a JDK " + NEEDED_JAVA + " or newer");
  }

  private static Finding dataFolder(Path folder) {
    Path nearest = folder;
    while (nearest != null && !Files.exists(nearest)) {
      nearest = nearest.getParent();
    }
    boolean good = nearest != null && Files.isDirectory(nearest) && Files.isWritable(nearest);
    return good
        ? new Finding.Good("data folder " + folder + " can be written")
        : new Finding.Bad(
            "data folder " + folder + " cannot be written", "give a writable folder with --data");
  }

  private static Finding ready(URI port) {
    Reply reply = get(URI.create(port.toString().replaceFirst("/*$", "/readyz")));
    if (reply.status() == 0) {
      return notRunning(port, reply.body());
    }
    return reply.status() == 200
        ? new Finding.Good("Sluice is ready at " + port)
        : new Finding.Bad(
            "Sluice is not ready: " + reasons(reply.body()), "wait, or look at its log");
  }

  /// Which services are not ready and why, from the answer of `/readyz`.
  static String reasons(String body) {
    try {
      return JsonMapper.shared().readTree(body).path("reasons").properties().stream()
          .map(reason -> reason.getKey() + " (" + reason.getValue().asString("") + ")")
          .collect(Collectors.joining(", "));
    } catch (JacksonException e) {
      return body;
    }
  }

  /// Nothing answers: then its ports should be free for it.
  private static Finding notRunning(URI port, String why) {
    try (ServerSocket _ = new ServerSocket(port.getPort(), 1, InetAddress.getLoopbackAddress())) {
      return new Finding.Bad(
          "no Sluice answers at " + port, "start one: sluice up, or give --admin");
    } catch (IOException e) {
      return new Finding.Bad(
          "something else holds the port of " + port + " (" + why + ")",
          "stop it, or start Sluice with --admin-port and give --admin here");
    }
  }

  private Finding topics(KafkaSettings settings) throws InterruptedException {
    String kafka = "Kafka at " + settings.bootstrapServers();
    try (Admin client =
        new KafkaClients(settings.bootstrapServers(), settings.properties())
            .admin("sluice-doctor")) {
      // The limit is the request's own: closing the client waits for what is still under way.
      var options = new ListTopicsOptions().timeoutMs(Math.toIntExact(LIMIT.toMillis()));
      Set<String> present = client.listTopics(options).names().get();
      List<String> missing = topics.stream().filter(name -> !present.contains(name)).toList();
      topics.addAll(present);
      return missing.isEmpty()
          ? new Finding.Good(kafka + " has every topic")
          : new Finding.Bad(
              kafka + " lacks " + String.join(", ", missing),
              "start Sluice on it once; it creates them, or create them from docs/topics.md");
    } catch (KafkaException e) {
      return new Finding.Bad(
          "no client of Kafka can be made: " + (e.getCause() == null ? e : e.getCause()),
          "correct --kafka, or server.kafka in the file of -c");
    } catch (ExecutionException e) {
      return e.getCause() instanceof AuthenticationException refused
          ? new Finding.Bad(
              kafka + " refuses us: " + refused.getMessage(),
              "correct server.kafka in the file of -c")
          : new Finding.Bad(
              "no " + kafka + " answers",
              "start it (sluice up, or sluice kafka), give --kafka, or -c FILE where its clients"
                  + " need more, such as credentials");
    }
  }

  private Finding registry(Optional<SchemaRegistrySettings> configured, URI port) {
    return configured
        .map(RegistryCheck::configured)
        .orElseGet(() -> RegistryCheck.builtIn(port, server.key()))
        .of(topics);
  }

  private Finding policy(URI usual) {
    try (SluiceClient client = server.client(usual)) {
      int models = client.get("v1/models").path("data").size();
      return new Finding.Good("the key is accepted, " + models + " model(s) can be asked for");
    } catch (CommandFailure e) {
      return new Finding.Bad(
          "the API does not accept the key: " + e.getMessage(),
          "give --url and --key, or publish a policy: sluice up -c FILE");
    }
  }

  /// @param status 0 when nothing answered; then the body says why
  private record Reply(int status, String body) {}

  private static Reply get(URI address) {
    HttpRequest request = HttpRequest.newBuilder(address).timeout(LIMIT).build();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
      HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
      return new Reply(response.statusCode(), response.body());
    } catch (IOException e) {
      return new Reply(0, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Reply(0, "interrupted");
    }
  }
}
