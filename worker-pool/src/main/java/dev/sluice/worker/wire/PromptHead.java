package dev.sluice.worker.wire;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The beginning of a prompt, as far as requests of one kind share it: what the system says and the
/// first thing the user says, cut where it is long. So all turns of a conversation have the same,
/// and so have all requests with the same long instructions.
public final class PromptHead {
  /// Characters that count.
  static final int MAX_CHARS = 1_024;

  private final StringBuilder instructions = new StringBuilder();
  private final StringBuilder turns = new StringBuilder();

  private PromptHead() {}

  /// Empty where the body has no prompt, or cannot be read.
  public static Optional<String> of(byte[] body) {
    PromptHead head = new PromptHead();
    try (JsonParser parser = JsonText.MAPPER.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        head.member(parser);
      }
    } catch (JacksonException e) {
      return Optional.empty();
    }
    String text = head.instructions.append('\n').append(head.turns).toString();
    return text.length() == 1
        ? Optional.empty()
        : Optional.of(text.substring(0, Math.min(MAX_CHARS, text.length())));
  }

  private void member(JsonParser parser) {
    String name = parser.currentName();
    JsonToken value = parser.nextToken();
    switch (name) {
      case "system", "instructions" -> {
        String _ = texts(parser, instructions);
      }
      case "messages", "input", "prompt" -> {
        if (value == JsonToken.START_ARRAY) {
          turns(parser);
        } else {
          String _ = texts(parser, turns);
        }
      }
      default -> parser.skipChildren();
    }
  }

  /// The elements up to the first of the user.
  private void turns(JsonParser parser) {
    boolean said = false;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (said) {
        parser.skipChildren();
      } else {
        said = texts(parser, turns).equals("user");
      }
    }
  }

  /// Adds the texts of the value that the parser is at, and answers whose they are.
  private static String texts(JsonParser parser, StringBuilder into) {
    int depth = 0;
    String property = "";
    String role = "";
    JsonToken token = parser.currentToken();
    while (true) {
      if (token == JsonToken.PROPERTY_NAME) {
        property = parser.currentName();
      } else if (token == JsonToken.VALUE_STRING && property.equals("role")) {
        role = parser.getString();
      } else if (token == JsonToken.VALUE_STRING && isText(property)) {
        String text = parser.getString();
        into.append(text, 0, Math.min(text.length(), Math.max(0, MAX_CHARS - into.length())));
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
      if (depth == 0) {
        return role;
      }
      token = parser.nextToken();
    }
  }

  private static boolean isText(String property) {
    return property.isEmpty() || property.equals("content") || property.equals("text");
  }
}
