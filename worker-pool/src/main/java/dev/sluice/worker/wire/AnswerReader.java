package dev.sluice.worker.wire;

import dev.sluice.worker.core.Endpoint;
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
  /// @param hasContent whether the member is there that carries the content
  public record Facts(JsonNode usage, JsonNode error, boolean hasContent) {}

  /// The facts; empty when the bytes are not one whole JSON object.
  ///
  /// @param content name of the member that carries the content
  public static Optional<Facts> read(byte[] body, String content) {
    try (JsonParser parser = JsonText.MAPPER.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      JsonNode usage = MISSING;
      JsonNode error = MISSING;
      boolean hasContent = false;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "usage" -> usage = parser.readValueAsTree();
          case "error" -> error = parser.readValueAsTree();
          default -> {
            hasContent |= name.equals(content);
            parser.skipChildren();
            parser.finishToken();
          }
        }
      }
      boolean whole = parser.nextToken() == null;
      return whole ? Optional.of(new Facts(usage, error, hasContent)) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /// Size of the text in an answer, in UTF-16 units: for an estimate where no usage came.
  public static long textSize(Endpoint endpoint, byte[] body) {
    try {
      JsonNode answer = JsonText.MAPPER.readTree(body);
      long size = 0;
      for (JsonNode part : answer.path(endpoint.content())) {
        size +=
            switch (endpoint) {
              case CHAT, COMPLETIONS -> choiceSize(part);
              case MESSAGES, RESPONSES -> textBelow(part);
              case EMBEDDINGS, MODERATIONS, COUNT_TOKENS -> 0;
            };
      }
      return size;
    } catch (JacksonException e) {
      return body.length;
    }
  }

  private static long choiceSize(JsonNode choice) {
    long size = choice.path("text").asString("").length();
    size += choice.path("message").path("content").asString("").length();
    for (JsonNode call : choice.path("message").path("tool_calls")) {
      size += call.path("function").path("arguments").asString("").length();
    }
    return size;
  }

  /// Text and arguments in a block or an item, however deep.
  private static long textBelow(JsonNode part) {
    long size = 0;
    for (var member : part.properties()) {
      size +=
          switch (member.getKey()) {
            case "text", "thinking", "arguments" -> member.getValue().asString("").length();
            case "input" -> member.getValue().toString().length();
            default -> 0;
          };
      for (JsonNode inner : member.getValue()) {
        size += textBelow(inner);
      }
    }
    return size;
  }

  /// The word that names an error: its `code` or its `type`.
  public static String errorWord(JsonNode error) {
    String code = error.path("code").asString("");
    return code.isEmpty() ? error.path("type").asString("") : code;
  }
}
