package dev.sluice.ingress.json;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A whole answer in the form of a stream, for callers who asked for a stream of a provider that
/// did not give one. Not on the usual path.
public final class ChunkOf {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private ChunkOf() {}

  /// The chunks of a chat or text completion; the body itself where it is neither.
  public static List<byte[]> completion(byte[] body, boolean includeUsage) {
    try {
      if (!(MAPPER.readTree(body) instanceof ObjectNode answer)) {
        return List.of(body);
      }
      JsonNode usage = answer.remove("usage");
      if ("chat.completion".equals(answer.path("object").stringValue(""))) {
        answer.put("object", "chat.completion.chunk");
        answer.path("choices").forEach(ChunkOf::messageToDelta);
      }
      List<byte[]> chunks = new ArrayList<>();
      chunks.add(MAPPER.writeValueAsBytes(answer));
      if (includeUsage && usage != null) {
        answer.set("choices", MAPPER.createArrayNode());
        answer.set("usage", usage);
        chunks.add(MAPPER.writeValueAsBytes(answer));
      }
      return chunks;
    } catch (JacksonException _) {
      return List.of(body);
    }
  }

  private static void messageToDelta(JsonNode choice) {
    if (!(choice instanceof ObjectNode object)) {
      return;
    }
    JsonNode message = object.remove("message");
    if (message instanceof ObjectNode delta) {
      if (delta.get("tool_calls") instanceof ArrayNode calls) {
        for (int i = 0; i < calls.size(); i++) {
          if (calls.get(i) instanceof ObjectNode one) {
            one.put("index", i);
          }
        }
      }
      object.set("delta", delta);
    }
  }
}
