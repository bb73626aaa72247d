package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.registry.NodeProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A background response whose Sluice is killed in its middle: the caller comes back with the
/// number of the last event it saw, and has the whole answer of the attempt that came after.
class ResumeKillE2E {
  private static final String KEY = "sk-acceptance";

  private static final String CONFIGURATION =
      """
      server: {}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:KEY}", scopes: [submit, read, cancel]}]
      pools:
        - id: slow
          provider: simulated
          concurrency: 8
          simulation: {tokens_per_second: 25, output_tokens: 120}
      models:
        - {id: slow, routes: [{pool: slow, model: slow}]}
      """;

  @TempDir private Path folder;

  @Test
  void resumesAfterAKill() throws Exception {
    JsonNode begun;
    try (SluiceProcess killed = up()) {
      begun = responses(killed, "begin");
      killed.kill();
    }
    int after = begun.get("after").asInt();

    JsonNode seen;
    try (SluiceProcess second = up()) {
      seen = responses(second, "resume", begun.get("id").asString(), Integer.toString(after));
      assertEquals(0, second.terminate());
    }

    assertFalse(seen.get("answer").asString().isBlank());
    assertEquals(seen.get("answer"), seen.get("whole"), "one attempt, never spliced");
    assertEquals(seen.get("answer"), seen.get("text"), "the next attempt from its beginning");
    JsonNode numbers = seen.get("numbers");
    // What the lost attempt said that nobody has seen is not said again.
    int first = numbers.path(0).asInt();
    assertTrue(first > after, numbers::toString);
    for (int i = 0; i < numbers.size(); i++) {
      assertEquals(first + i, numbers.get(i).asInt(), numbers::toString);
    }
    assertTrue(numbers.size() > 5, numbers::toString);
  }

  private SluiceProcess up() throws IOException {
    return SluiceProcess.up(folder, CONFIGURATION, Map.of("KEY", KEY));
  }

  private static JsonNode responses(SluiceProcess sluice, String... scene) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(sluice.url(), KEY));
    arguments.addAll(List.of(scene));
    return NodeProject.at("openai")
        .run("responses.js", arguments.toArray(String[]::new))
        .map(line -> JsonMapper.shared().readTree(line))
        .orElseThrow();
  }
}
