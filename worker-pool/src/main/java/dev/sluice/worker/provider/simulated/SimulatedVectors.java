package dev.sluice.worker.provider.simulated;

import dev.sluice.worker.wire.JsonText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Embeddings of the simulated provider: vectors of length 1 that depend on the input alone.
final class SimulatedVectors {
  private static final int USUAL_SIZE = 8;
  private static final int MAX_SIZE = 4_096;

  private SimulatedVectors() {}

  static byte[] answer(JsonNode body, String model, int seed, int promptTokens) {
    JsonNode input = body.path("input");
    boolean several = input.isArray() && !input.isEmpty() && !input.get(0).isNumber();
    int count = several ? input.size() : 1;
    int size = Math.clamp(body.path("dimensions").asInt(USUAL_SIZE), 1, MAX_SIZE);
    boolean base64 = body.path("encoding_format").asString("").equals("base64");
    ObjectNode answer = JsonNodeFactory.instance.objectNode().put("object", "list");
    ArrayNode list = answer.putArray("data");
    for (int index = 0; index < count; index++) {
      ObjectNode one = list.addObject().put("object", "embedding").put("index", index);
      float[] vector = vector(several ? input.get(index).toString().hashCode() : seed, size);
      if (base64) {
        one.put("embedding", encoded(vector));
      } else {
        ArrayNode numbers = one.putArray("embedding");
        for (float number : vector) {
          numbers.add(number);
        }
      }
    }
    answer
        .put("model", model)
        .putObject("usage")
        .put("prompt_tokens", promptTokens)
        .put("total_tokens", promptTokens);
    return JsonText.MAPPER.writeValueAsBytes(answer);
  }

  private static float[] vector(int seed, int size) {
    double[] raw = new double[size];
    double square = 0;
    for (int i = 0; i < size; i++) {
      raw[i] = Math.floorMod(seed * 31 + i * 7_919, 2_001) / 1_000.0 - 0.9995;
      square += raw[i] * raw[i];
    }
    float[] vector = new float[size];
    for (int i = 0; i < size; i++) {
      vector[i] = (float) (raw[i] / Math.sqrt(square));
    }
    return vector;
  }

  /// Little-endian floats, as the vendor has them.
  private static String encoded(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : vector) {
      bytes.putFloat(number);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
