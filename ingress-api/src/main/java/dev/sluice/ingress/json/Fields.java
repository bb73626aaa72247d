package dev.sluice.ingress.json;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Typed reading of one value, with the refusal that names its pointer. The parser stands on the
/// value and afterwards on its last token.
final class Fields {
  private static final int MAX_TAGS = 16;
  private static final int MAX_TAG_NAME_CHARACTERS = 64;
  private static final int MAX_TAG_VALUE_CHARACTERS = 512;

  private Fields() {}

  static String text(JsonParser value, String pointer, int maxCharacters) {
    if (value.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(pointer, "must be a string");
    }
    String text = value.getString();
    if (text.isEmpty() || text.length() > maxCharacters) {
      throw wrong(pointer, "must have 1 to " + maxCharacters + " characters");
    }
    return text;
  }

  static boolean bool(JsonParser value, String pointer) {
    return switch (value.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> throw wrong(pointer, "must be true or false");
    };
  }

  static boolean isNull(JsonParser value) {
    return value.currentToken() == JsonToken.VALUE_NULL;
  }

  /// A whole number of at least `min`, and of no more than any limit of tokens, bytes or seconds.
  static long whole(JsonParser value, String pointer, long min) {
    if (value.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(pointer, "must be a whole number");
    }
    String digits = value.getString();
    // More digits may not fit.
    long number = digits.length() > 15 ? Long.MAX_VALUE : Long.parseLong(digits);
    if (number < min || number > TokenKind.MAX_TOKENS) {
      throw wrong(pointer, "must be a whole number from " + min + " to " + TokenKind.MAX_TOKENS);
    }
    return number;
  }

  static void number(JsonParser value, String pointer) {
    JsonToken token = value.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      throw wrong(pointer, "must be a number");
    }
  }

  /// An array with at least one element, each of the kind.
  static void array(JsonParser value, String pointer, JsonToken element, String what) {
    if (value.currentToken() != JsonToken.START_ARRAY) {
      throw wrong(pointer, "must be an array of " + what);
    }
    int index = 0;
    for (JsonToken token = value.nextToken();
        token != JsonToken.END_ARRAY;
        token = value.nextToken()) {
      if (token != element) {
        throw wrong(pointer + "/" + index, "must be one of " + what);
      }
      value.skipChildren();
      index++;
    }
    if (index == 0) {
      throw wrong(pointer, "must not be empty");
    }
  }

  /// A string, or an array with at least one element.
  static void textOrArray(JsonParser value, String pointer) {
    if (value.currentToken() == JsonToken.START_ARRAY) {
      if (value.nextToken() == JsonToken.END_ARRAY) {
        throw wrong(pointer, "must not be empty");
      }
      while (value.currentToken() != JsonToken.END_ARRAY) {
        value.skipChildren();
        value.nextToken();
      }
    } else if (value.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(pointer, "must be a string or an array");
    }
  }

  /// What text models and embeddings take: a string, strings, token numbers, or arrays of those.
  static void textsOrTokens(JsonParser value, String pointer) {
    if (value.currentToken() == JsonToken.VALUE_STRING) {
      return;
    }
    if (value.currentToken() != JsonToken.START_ARRAY) {
      throw wrong(pointer, "must be a string or an array");
    }
    int index = 0;
    for (JsonToken token = value.nextToken();
        token != JsonToken.END_ARRAY;
        token = value.nextToken()) {
      switch (token) {
        case VALUE_STRING, VALUE_NUMBER_INT -> {}
        case START_ARRAY ->
            array(value, pointer + "/" + index, JsonToken.VALUE_NUMBER_INT, "tokens");
        case null, default ->
            throw wrong(pointer + "/" + index, "must be a string, a token or an array of tokens");
      }
      index++;
    }
    if (index == 0) {
      throw wrong(pointer, "must not be empty");
    }
  }

  /// Anthropic's `metadata`, of which only the caller's own name for its user becomes a tag.
  static Map<String, String> userId(JsonParser value, String pointer) {
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw wrong(pointer, "must be an object");
    }
    Map<String, String> tags = new HashMap<>();
    for (String name = value.nextName(); name != null; name = value.nextName()) {
      value.nextToken();
      if (name.equals("user_id") && !isNull(value)) {
        putTag(
            tags,
            "user_id",
            text(value, pointer + "/user_id", MAX_TAG_VALUE_CHARACTERS),
            pointer + "/user_id");
      } else {
        value.skipChildren();
      }
    }
    return tags;
  }

  /// Up to 16 pairs of text.
  static Map<String, String> tags(JsonParser value, String pointer) {
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw wrong(pointer, "must be an object of strings");
    }
    Map<String, String> tags = new HashMap<>();
    for (String name = value.nextName(); name != null; name = value.nextName()) {
      if (value.nextToken() != JsonToken.VALUE_STRING) {
        throw wrong(pointer, "must be an object of strings");
      }
      putTag(tags, name, value.getString(), pointer);
    }
    return tags;
  }

  static void putTag(Map<String, String> tags, String name, String text, String pointer) {
    if (name.isEmpty()
        || name.length() > MAX_TAG_NAME_CHARACTERS
        || text.length() > MAX_TAG_VALUE_CHARACTERS) {
      throw wrong(pointer, "names have 1 to 64 characters, values at most 512");
    }
    tags.put(name, text);
    if (tags.size() > MAX_TAGS) {
      throw wrong(pointer, "at most 16 pairs");
    }
  }

  static RefusedException wrong(String pointer, String what) {
    return new RefusedException(
        Refusal.field(pointer, pointer.substring(1).replace('/', '.') + " " + what));
  }
}
