package dev.sluice.contract.serde;

import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Calls a registry over HTTP: tries again on what may pass (no connection, no answer in time, 408,
/// 429, 5xx), each time at the next of its addresses, and turns refusals into exceptions.
///
/// Every call is safe to repeat. Safe for use by many threads.
final class RegistryTransport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryTransport.class);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final String ACCEPT =
      MEDIA_TYPE + ", application/vnd.schemaregistry+json; q=0.9, application/json; q=0.8";
  private static final int MAX_ANSWER_BYTES = 16 * 1024 * 1024;
  private static final Duration MAX_BACKOFF = Duration.ofSeconds(5);

  private final SchemaRegistrySettings settings;
  private final JsonMapper json;
  private final HttpClient client;
  private final @Nullable String authorization;

  /// Index of the address that answered last: a dead one is not tried first again and again.
  private volatile int preferred;

  RegistryTransport(SchemaRegistrySettings settings, JsonMapper json) {
    this.settings = settings;
    this.json = json;
    this.authorization = authorization(settings.credentials());
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.connectTimeout())
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    if (!(settings.tls() instanceof Tls.Platform)) {
      builder.sslContext(RegistryTls.context(settings.tls()));
    }
    this.client = builder.build();
  }

  JsonNode get(String path) {
    return call("GET", path, null);
  }

  JsonNode delete(String path) {
    return call("DELETE", path, null);
  }

  JsonNode post(String path, JsonNode body) {
    return call("POST", path, body);
  }

  JsonNode put(String path, JsonNode body) {
    return call("PUT", path, body);
  }

  private JsonNode call(String method, String path, @Nullable JsonNode body) {
    SchemaRegistryException failure = null;
    for (int attempt = 0; attempt < settings.attempts(); attempt++) {
      if (failure != null) {
        pause(attempt, failure);
      }
      int address = preferred;
      try {
        return once(request(settings.urls().get(address), method, path, body));
      } catch (SchemaRegistryException e) {
        if (!e.transientFault()) {
          throw e;
        }
        failure = e;
        preferred = (address + 1) % settings.urls().size();
        LOG.atDebug()
            .addKeyValue("url", settings.urls().get(address))
            .addKeyValue("attempt", attempt + 1)
            .setCause(e)
            .log("schema registry call failed");
      }
    }
    throw failure == null ? new IllegalStateException("no attempt was made") : failure;
  }

  private HttpRequest request(URI base, String method, String path, @Nullable JsonNode body) {
    String address = base.toString();
    String slashless = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(slashless + path))
            .timeout(settings.requestTimeout())
            .header("Accept", ACCEPT);
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    if (body == null) {
      return builder.method(method, HttpRequest.BodyPublishers.noBody()).build();
    }
    return builder
        .header("Content-Type", MEDIA_TYPE)
        .method(method, HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
        .build();
  }

  private JsonNode once(HttpRequest request) {
    HttpResponse<byte[]> response = send(request);
    int status = response.statusCode();
    JsonNode body;
    try {
      body = json.readTree(response.body());
    } catch (JacksonException e) {
      if (status / 100 == 2) {
        throw new SchemaRegistryException("no JSON from " + request.uri(), e);
      }
      throw new SchemaRegistryException(status, "HTTP " + status + " from " + request.uri());
    }
    if (status / 100 == 2) {
      return body;
    }
    throw new SchemaRegistryException(
        body.path("error_code").asInt(status),
        body.path("message").asString("HTTP " + status) + " (" + request.uri() + ")");
  }

  /// The JDK's own timeout ends with the answer's first byte; this one covers the body.
  private HttpResponse<byte[]> send(HttpRequest request) {
    BodyHandler<byte[]> whole = BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES);
    CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, whole);
    try {
      return answer.get(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new SchemaRegistryException("no answer in time from " + request.uri(), e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() instanceof IOException io ? io : e;
      throw new SchemaRegistryException("cannot reach " + request.uri(), cause);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new SchemaRegistryException("interrupted while asking " + request.uri(), e);
    }
  }

  /// Exponential with jitter. Gives up at once when the thread is interrupted.
  private void pause(int attempt, SchemaRegistryException failure) {
    long fullMillis =
        Math.min(
            MAX_BACKOFF.toMillis(), settings.backoff().toMillis() << Math.min(attempt - 1, 16));
    long waitMillis = fullMillis / 2 + ThreadLocalRandom.current().nextLong(fullMillis / 2 + 1);
    try {
      Thread.sleep(waitMillis);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  private static @Nullable String authorization(Credentials credentials) {
    return switch (credentials) {
      case Credentials.Anonymous() -> null;
      case Credentials.Basic(String user, String password) ->
          "Basic "
              + Base64.getEncoder()
                  .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
      case Credentials.Bearer(String token) -> "Bearer " + token;
    };
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
