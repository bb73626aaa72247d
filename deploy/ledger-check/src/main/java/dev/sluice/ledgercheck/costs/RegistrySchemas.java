package dev.sluice.ledgercheck.costs;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import tools.jackson.databind.json.JsonMapper;

/// Writers' schemas by id, over the registry's REST API, each asked for once.
///
/// Used by one thread.
final class RegistrySchemas {
  private final HttpClient http = HttpClient.newHttpClient();
  private final JsonMapper json = new JsonMapper();
  private final Map<Integer, Schema> known = new HashMap<>();
  private final URI registry;

  RegistrySchemas(URI registry) {
    this.registry = registry;
  }

  Schema byId(int id) throws IOException, InterruptedException {
    Schema schema = known.get(id);
    if (schema == null) {
      schema = fetch(id);
      known.put(id, schema);
    }
    return schema;
  }

  private Schema fetch(int id) throws IOException, InterruptedException {
    URI url = registry.resolve("/schemas/ids/" + id);
    HttpResponse<String> response =
        http.send(HttpRequest.newBuilder(url).GET().build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("%s answered %d".formatted(url, response.statusCode()));
    }
    String text = json.readTree(response.body()).path("schema").asString("");
    return new Schema.Parser().parse(text);
  }
}
