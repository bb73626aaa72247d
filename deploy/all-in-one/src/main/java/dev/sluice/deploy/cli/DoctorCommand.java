package dev.sluice.deploy.cli;

import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
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

  @Option(
      names = {"--kafka"},
      paramLabel = "HOST:PORT",
      description = "Kafka (SLUICE_KAFKA, default: 127.0.0.1:9092).")
  private String kafka = "127.0.0.1:9092";

  @Option(
      names = {"--admin"},
      paramLabel = "URL",
      description = "Admin port (SLUICE_ADMIN, default: http://127.0.0.1:9090).")
  private URI admin = URI.create("http://127.0.0.1:9090/");

  @Option(
      names = {"--data"},
      paramLabel = "DIR",
      description = "Data folder (default: .sluice).")
  private Path data = Path.of(".sluice");

  /// One thing looked at; what is not good says what to do.
  private sealed interface Finding {
    record Good(String what) implements Finding {}

    record Bad(String what, String remedy) implements Finding {}
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    int bad = 0;
    for (Callable<Finding> check : checks()) {
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

  private List<Callable<Finding>> checks() {
    return List.of(
        DoctorCommand::java,
        this::dataFolder,
        this::ready,
        this::topics,
        this::registry,
        this::policy);
  }

  private static Finding run(Callable<Finding> check) {
    try {
      return check.call();
    } catch (CommandFailure e) {
      return new Finding.Bad(String.valueOf(e.getMessage()), "see `sluice help`");
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

  private Finding dataFolder() {
    Path nearest = data.toAbsolutePath();
    while (nearest != null && !Files.exists(nearest)) {
      nearest = nearest.getParent();
    }
    boolean good = nearest != null && Files.isDirectory(nearest) && Files.isWritable(nearest);
    return good
        ? new Finding.Good("data folder " + data.toAbsolutePath() + " can be written")
        : new Finding.Bad(
            "data folder " + data.toAbsolutePath() + " cannot be written",
            "give a writable folder with --data");
  }

  private Finding ready() {
    Reply reply = get("readyz");
    if (reply.status() == 0) {
      return notRunning(reply.body());
    }
    return reply.status() == 200
        ? new Finding.Good("Sluice is ready at " + admin)
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
  private Finding notRunning(String why) {
    try (ServerSocket _ = new ServerSocket(admin.getPort(), 1, InetAddress.getLoopbackAddress())) {
      return new Finding.Bad("no Sluice answers at " + admin, "start one: sluice up");
    } catch (IOException e) {
      return new Finding.Bad(
          "something else holds the port of " + admin + " (" + why + ")",
          "stop it, or start Sluice with --admin-port and give --admin here");
    }
  }

  private Finding topics() throws InterruptedException {
    try (Admin client = new KafkaClients(kafka, Map.of()).admin("sluice-doctor")) {
      // The limit is the request's own: closing the client waits for what is still under way.
      var options = new ListTopicsOptions().timeoutMs(Math.toIntExact(LIMIT.toMillis()));
      Set<String> present = client.listTopics(options).names().get();
      List<String> missing =
          Topics.fixed().stream().map(Topic::name).filter(name -> !present.contains(name)).toList();
      return missing.isEmpty()
          ? new Finding.Good("Kafka at " + kafka + " has every topic")
          : new Finding.Bad(
              "Kafka at " + kafka + " lacks " + String.join(", ", missing),
              "start Sluice on it once; it creates them, or create them from docs/topics.md");
    } catch (ExecutionException e) {
      return new Finding.Bad(
          "no Kafka answers at " + kafka, "start it (sluice up, or sluice kafka), or give --kafka");
    }
  }

  private Finding registry() {
    Reply reply = get("subjects");
    return reply.status() == 200
        ? new Finding.Good("the schema registry answers")
        : new Finding.Bad(
            "no built-in schema registry at " + admin,
            "fine where server.registry names another one; else start sluice up");
  }

  private Finding policy() {
    try (SluiceClient client = server.client()) {
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

  private Reply get(String path) {
    URI base = URI.create(admin.toString().replaceFirst("/*$", "/"));
    HttpRequest request = HttpRequest.newBuilder(base.resolve(path)).timeout(LIMIT).build();
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
