package dev.sluice.worker.wire;

import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Measures the text of a request, for an estimate where no usage came. The JSON around the text is
/// no prompt: a provider would not count it, and for short prompts it is the larger part.
public final class PromptSize {
  private static final Set<String> PROMPTS =
      Set.of("messages", "prompt", "input", "instructions", "system", "tools", "functions");

  /// Images and files are no text either, and seals are for the provider alone.
  private static final Set<String> NO_TEXT =
      Set.of("role", "type", "url", "image_url", "data", "file_data", "media_type", "signature");

  private PromptSize() {}

  /// Size of the text in UTF-16 units; of the whole body where it cannot be read.
  public static long of(byte[] body) {
    try (JsonParser parser = JsonText.MAPPER.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return body.length;
      }
      long size = 0;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean prompt = PROMPTS.contains(parser.currentName());
        parser.nextToken();
        if (prompt) {
          size += text(parser);
        } else {
          parser.skipChildren();
        }
      }
      return size;
    } catch (JacksonException e) {
      return body.length;
    }
  }

  /// Strings in the value that the parser is at.
  private static long text(JsonParser parser) {
    long size = 0;
    int depth = 0;
    String property = "";
    JsonToken token = parser.currentToken();
    while (true) {
      if (token == JsonToken.PROPERTY_NAME) {
        property = parser.currentName();
      } else if (token == JsonToken.VALUE_STRING && !NO_TEXT.contains(property)) {
        size += parser.getStringLength();
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
      if (depth == 0) {
        return size;
      }
      token = parser.nextToken();
    }
  }
}
