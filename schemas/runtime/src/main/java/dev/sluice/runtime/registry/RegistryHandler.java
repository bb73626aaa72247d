package dev.sluice.runtime.registry;

import dev.sluice.contract.serde.SchemaRegistryException;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Serves the registry over Confluent's REST interface: this class speaks HTTP, [RegistryRoutes]
/// knows the paths.
///
/// Its calls block, so it is mounted behind a blocking handler.
public final class RegistryHandler implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RegistryHandler.class);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int MAX_BODY_BYTES = 2 * 1024 * 1024;

  private final JsonMapper json = JsonMapper.shared();
  private final RegistryRoutes routes;

  public RegistryHandler(LogSchemaRegistry registry) {
    this.routes = new RegistryRoutes(registry, json);
  }

  /// The path prefixes to mount it at, for the admin endpoint.
  public Map<String, HttpHandler> mounts() {
    return Map.of(
        "/subjects", this,
        "/schemas", this,
        "/compatibility", this,
        "/config", this,
        "/mode", this);
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws IOException {
    try {
      JsonNode answer = routes.answer(request(exchange));
      send(exchange, 200, json.writeValueAsString(answer));
    } catch (SchemaRegistryException e) {
      refuse(exchange, e.httpStatus(), e.errorCode(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atWarn().setCause(e).log("schema registry request failed");
      refuse(exchange, 500, 50001, "Internal error");
    }
  }

  private RegistryRequest request(HttpServerExchange exchange) throws IOException {
    return new RegistryRequest(
        exchange.getRequestMethod().toString(), path(exchange), query(exchange), body(exchange));
  }

  /// From the raw path, since a subject may hold an encoded slash.
  private static List<String> path(HttpServerExchange exchange) {
    String path = exchange.getRequestURI();
    try {
      if (exchange.isHostIncludedInRequestURI()) {
        path = URI.create(path).getRawPath();
      }
      return Arrays.stream(path.split("/"))
          .filter(segment -> !segment.isEmpty())
          .map(segment -> segment.replace("+", "%2B"))
          .map(segment -> URLDecoder.decode(segment, StandardCharsets.UTF_8))
          .toList();
    } catch (IllegalArgumentException e) {
      throw new SchemaRegistryException(400, "the path is not a valid URI");
    }
  }

  private static Map<String, String> query(HttpServerExchange exchange) {
    return exchange.getQueryParameters().entrySet().stream()
        .filter(parameter -> !parameter.getValue().isEmpty())
        .collect(Collectors.toMap(Map.Entry::getKey, parameter -> parameter.getValue().getLast()));
  }

  private JsonNode body(HttpServerExchange exchange) throws IOException {
    if (exchange.isRequestComplete()) {
      return json.missingNode();
    }
    byte[] bytes = exchange.getInputStream().readNBytes(MAX_BODY_BYTES + 1);
    if (bytes.length > MAX_BODY_BYTES) {
      throw new SchemaRegistryException(413, "the request is larger than 2 MiB");
    }
    try {
      return bytes.length == 0 ? json.missingNode() : json.readTree(bytes);
    } catch (JacksonException e) {
      throw new SchemaRegistryException(400, "the request is not JSON: " + e.getOriginalMessage());
    }
  }

  private void refuse(HttpServerExchange exchange, int status, int errorCode, String message) {
    send(
        exchange,
        status,
        json.writeValueAsString(
            json.createObjectNode().put("error_code", errorCode).put("message", message)));
  }

  private static void send(HttpServerExchange exchange, int status, String body) {
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, MEDIA_TYPE);
    exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
  }
}
