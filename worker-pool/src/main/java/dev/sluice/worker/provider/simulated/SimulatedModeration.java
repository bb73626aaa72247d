package dev.sluice.worker.provider.simulated;

import dev.sluice.worker.wire.JsonText;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Moderations of the simulated provider: nothing is flagged but texts with the word [#MARKER],
/// which count as violence.
final class SimulatedModeration {
  static final String MARKER = "simulated-violence";

  private static final List<String> CATEGORIES =
      List.of(
          "harassment",
          "harassment/threatening",
          "hate",
          "hate/threatening",
          "illicit",
          "illicit/violent",
          "self-harm",
          "self-harm/instructions",
          "self-harm/intent",
          "sexual",
          "sexual/minors",
          "violence",
          "violence/graphic");

  private SimulatedModeration() {}

  static byte[] answer(JsonNode body, String model, int seed) {
    ObjectNode answer =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", "modr-sim" + Integer.toHexString(seed))
            .put("model", model);
    ArrayNode results = answer.putArray("results");
    JsonNode input = body.path("input");
    boolean several = input.isArray() && !input.isEmpty() && input.get(0).isString();
    if (several) {
      input.forEach(text -> result(results.addObject(), text));
    } else {
      // Parts of one input, texts and images, are judged together.
      result(results.addObject(), input);
    }
    return JsonText.MAPPER.writeValueAsBytes(answer);
  }

  private static void result(ObjectNode result, JsonNode input) {
    boolean flagged = input.toString().toLowerCase(Locale.ROOT).contains(MARKER);
    result.put("flagged", flagged);
    ObjectNode categories = result.putObject("categories");
    ObjectNode scores = result.putObject("category_scores");
    ObjectNode types = result.putObject("category_applied_input_types");
    for (String category : CATEGORIES) {
      boolean hit = flagged && category.equals("violence");
      categories.put(category, hit);
      scores.put(category, hit ? 0.99 : 0.01);
      types.putArray(category).add("text");
    }
  }
}
