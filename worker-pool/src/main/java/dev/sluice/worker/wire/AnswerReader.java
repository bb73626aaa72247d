package dev.sluice.worker.wire;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;

/// Reads of an answer only what must be known, in one pass that also proves it is valid JSON; the
/// bytes themselves go on untouched.
public final class AnswerReader {
  private static final JsonNode MISSING = JsonText.MAPPER.missingNode();

  private AnswerReader() {}

  /// What an answer says besides its content.
  ///
  /// @param usage the `usage` member, or a missing node
  /// @param error the `error` member, or a missing node
  /// @param hasChoices whether there is a `choices` member
  /// @param hasData whether there is a `data` member
  public record Facts(JsonNode usage, JsonNode error, boolean hasChoices, boolean hasData) {}

  /// The facts; empty when the bytes are not one whole JSON object.
  public static Optional<Facts> read(byte[] body) {
    try (JsonParser parser = JsonText.MAPPER.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      JsonNode usage = MISSING;
      JsonNode error = MISSING;
      boolean hasChoices = false;
      boolean hasData = false;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "usage" -> usage = parser.readValueAsTree();
          case "error" -> error = parser.readValueAsTree();
          default -> {
            hasChoices |= name.equals("choices");
            hasData |= name.equals("data");
            parser.skipChildren();
            parser.finishToken();
          }
        }
      }
      boolean whole = parser.nextToken() == null;
      return whole ? Optional.of(new Facts(usage, error, hasChoices, hasData)) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /// Size of the text in an answer of the OpenAI surface, in UTF-16 units: for an estimate where no
  /// usage came.
  public static long textSize(byte[] body) {
    try {
      long size = 0;
      for (JsonNode choice : JsonText.MAPPER.readTree(body).path("choices")) {
        size += choice.path("text").asString("").length();
        size += choice.path("message").path("content").asString("").length();
        for (JsonNode call : choice.path("message").path("tool_calls")) {
          size += call.path("function").path("arguments").asString("").length();
        }
      }
      return size;
    } catch (JacksonException e) {
      return body.length;
    }
  }

  /// The word that names an error: its `code` or its `type`.
  public static String errorWord(JsonNode error) {
    String code = error.path("code").asString("");
    return code.isEmpty() ? error.path("type").asString("") : code;
  }
}
