package dev.sluice.deploy.cli;

import dev.sluice.deploy.cli.top.Samples;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/// Reads `/metrics` of the admin ports of several processes, all at once.
final class MetricsClient implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private final List<URI> admins;
  private final Optional<String> key;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(LIMIT).build();

  /// @param key for admin ports that can be reached from other machines
  MetricsClient(List<URI> admins, Optional<String> key) {
    this.admins = List.copyOf(admins);
    this.key = key;
  }

  /// What the processes answered, as one; and of each that did not, why.
  record Answer(Samples samples, long nanos, List<CommandFailure> failures) {
    boolean nothing() {
      return samples.all().isEmpty() && !failures.isEmpty();
    }
  }

  Answer read() throws InterruptedException {
    List<CompletableFuture<HttpResponse<String>>> asked = admins.stream().map(this::ask).toList();
    List<Samples> read = new ArrayList<>();
    List<CommandFailure> failures = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      try {
        read.add(samples(admins.get(i), asked.get(i).get()));
      } catch (ExecutionException e) {
        failures.add(
            new CommandFailure(
                ExitCode.ENVIRONMENT,
                "no Sluice answers at " + admins.get(i) + ": start one, or give --admin"));
      } catch (CommandFailure e) {
        failures.add(e);
      }
    }
    return new Answer(Samples.together(read), System.nanoTime(), failures);
  }

  private CompletableFuture<HttpResponse<String>> ask(URI admin) {
    URI base = URI.create(admin.toString().replaceFirst("/*$", "/"));
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve("metrics")).timeout(LIMIT);
    key.ifPresent(known -> request.header("authorization", "Bearer " + known));
    return http.sendAsync(request.build(), BodyHandlers.ofString());
  }

  private static Samples samples(URI admin, HttpResponse<String> answer) {
    return switch (answer.statusCode()) {
      case 200 -> Samples.parse(answer.body());
      case 401, 403 ->
          throw new CommandFailure(
              ExitCode.REFUSED, admin + " wants a key with the scope admin: give --key");
      default ->
          throw new CommandFailure(
              ExitCode.FAILED,
              admin + " answers " + answer.statusCode() + ": is it an admin port of Sluice?");
    };
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
