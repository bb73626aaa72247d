package dev.sluice.runtime.http;

import io.undertow.server.HttpHandler;
import io.undertow.util.StatusCodes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.json.JsonMapper;

/// `docs/openapi.yaml`, as JSON: what the HTTP surfaces take and answer, OpenAPI 3.1. Read from the
/// jar once.
public final class ApiDescription {
  public static final String PATH = "/openapi.json";

  private static final String RESOURCE = "openapi.yaml";

  private ApiDescription() {}

  /// UTF-8 JSON; not to be modified.
  public static byte[] json() {
    return Read.JSON;
  }

  /// Its handler for the admin port.
  public static Map<String, HttpHandler> mounts() {
    return Map.of(
        PATH,
        exchange ->
            AdminEndpoint.answer(
                exchange,
                StatusCodes.OK,
                "application/json",
                new String(json(), java.nio.charset.StandardCharsets.UTF_8)));
  }

  /// Parsed when first asked for: no start waits for it.
  private static final class Read {
    private static final byte[] JSON = read();

    private static byte[] read() {
      try (InputStream yaml = ApiDescription.class.getResourceAsStream(RESOURCE)) {
        if (yaml == null) {
          throw new IllegalStateException(RESOURCE + " is missing from the distribution");
        }
        Object document = new Load(LoadSettings.builder().build()).loadFromInputStream(yaml);
        return JsonMapper.shared().writeValueAsBytes(document);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
