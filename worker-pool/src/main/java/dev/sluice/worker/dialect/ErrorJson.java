package dev.sluice.worker.dialect;

import dev.sluice.worker.wire.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// A provider's error body in the shape of the caller's dialect: its words stay, the frame changes.
public final class ErrorJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ErrorJson() {}

  /// From OpenAI's shape to Anthropic's; what is no such error stays as it is.
  public static ByteBuffer toAnthropic(ByteBuffer body) {
    JsonNode error = error(body);
    if (!error.isObject()) {
      return body;
    }
    ObjectNode whole = JSON.objectNode().put("type", "error");
    whole
        .putObject("error")
        .put("type", "invalid_request_error")
        .put("message", error.path("message").asString(""));
    return bytes(whole);
  }

  /// From Anthropic's shape to OpenAI's; what is no such error stays as it is.
  public static ByteBuffer toOpenAi(ByteBuffer body) {
    JsonNode error = error(body);
    if (!error.isObject()) {
      return body;
    }
    ObjectNode whole = JSON.objectNode();
    whole
        .putObject("error")
        .put("message", error.path("message").asString(""))
        .put("type", error.path("type").asString("invalid_request_error"))
        .putNull("param")
        .putNull("code");
    return bytes(whole);
  }

  private static JsonNode error(ByteBuffer body) {
    try {
      return JsonText.MAPPER
          .readTree(StandardCharsets.UTF_8.decode(body.duplicate()).toString())
          .path("error");
    } catch (JacksonException e) {
      return JsonText.MAPPER.missingNode();
    }
  }

  private static ByteBuffer bytes(ObjectNode whole) {
    return ByteBuffer.wrap(JsonText.MAPPER.writeValueAsBytes(whole)).asReadOnlyBuffer();
  }
}
