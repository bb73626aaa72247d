package dev.sluice.deploy.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.deploy.registry.NodeProject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Callbacks of a whole Sluice, received and verified by OpenAI's SDK and by the reference library
/// of Standard Webhooks. The script is in `deploy/acceptance/callbacks`.
class CallbackClientsE2E {
  private static final String CONFIGURATION =
      """
      server: {callbacks: {allow: [127.0.0.0/8]}}
      tenants: [{id: acme, keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read]}]}]
      pools: [{id: quick, provider: simulated, concurrency: 8}]
      models: [{id: fast, routes: [{pool: quick, model: fast}]}]
      """;

  @Test
  void areVerifiedByLibrariesThatAreNotOurs(@TempDir Path folder) throws Exception {
    try (AllInOne sluice =
        WholeSluice.in(folder, CONFIGURATION, Map.of("CI_KEY", "sk-callbacks"))) {
      String url = "http://" + sluice.start().http();

      JsonNode seen =
          NodeProject.at("callbacks")
              .run("callbacks.js", url, "sk-callbacks")
              .map(line -> JsonMapper.shared().readTree(line))
              .orElseThrow();

      assertEquals("webhook_endpoint", seen.get("created").asString());
      assertTrue(seen.get("secretIsShownOnce").asBoolean());
      assertTrue(seen.get("listed").asBoolean());
      assertEquals("[\"webhook_endpoint.test\",500]", seen.get("test").toString());
      assertTrue(seen.get("sameId").asBoolean());
      assertTrue(seen.get("agree").asBoolean());
      assertTrue(seen.get("aboutFirst").asBoolean());
      assertEquals("event", seen.at("/event/object").asString());
      assertEquals("job.succeeded", seen.at("/event/type").asString());
      assertEquals("succeeded", seen.at("/event/data/status").asString());
      assertEquals("WebhookVerificationError", seen.get("forged").asString());
      assertTrue(seen.get("ownIsOnce").asBoolean());
      assertTrue(seen.get("aside").asBoolean());
      assertEquals("[\"delivered\",2,204]", seen.get("delivery").toString());
      assertEquals("[202,true]", seen.get("again").toString());
      assertTrue(seen.get("deleted").asBoolean());
      assertEquals("[422,\"callback_denied\",\"/callback_url\"]", seen.get("denied").toString());
      assertEquals(6, seen.get("calls").asInt());
    }
  }
}
