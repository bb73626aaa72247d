package dev.sluice.ingress.json;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Utf8;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Reads a body as exactly one JSON object, in one pass: strict UTF-8, no duplicate names, nothing
/// after it, at most 64 deep. Bodies pass on as bytes, so whatever two readers could understand
/// differently is refused here. Safe for use by many threads.
final class StrictJson {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_CHARACTERS = 32;
  private static final int MAX_NAME_CHARACTERS = 1_024;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_CHARACTERS)
                  .maxNameLength(MAX_NAME_CHARACTERS)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /// Gets each member of the root object; must consume its value.
  interface Members {
    /// The parser stands on the value.
    void member(String name, JsonParser value);
  }

  private StrictJson() {}

  /// @throws RefusedException for anything that is not such an object, or that `members` refuses
  static void read(byte[] body, Members members) {
    if (!Utf8.isStrict(body)) {
      throw malformed("the body is not strict UTF-8 JSON", TokenStreamLocation.NA);
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw malformed("the body must be one JSON object", parser);
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        members.member(name, parser);
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw malformed("nothing may follow the JSON object", parser);
      }
    } catch (JacksonException e) {
      throw malformed(reason(e), e.getLocation());
    }
  }

  /// A parser for what was written by a process of ours.
  static JsonParser parser(byte[] json) {
    return FACTORY.createParser(ObjectReadContext.empty(), json);
  }

  /// The text of a string that was read before, quotes and escapes undone.
  static String text(byte[] json, int start, int length) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json, start, length)) {
      parser.nextToken();
      return parser.getString();
    }
  }

  /// Where the value begins that the parser stands on.
  static int offsetOf(JsonParser value) {
    return (int) value.currentTokenLocation().getByteOffset();
  }

  /// After the value: the parser stands on its last token, and reads strings lazily.
  static int endOf(JsonParser value) {
    value.finishToken();
    return (int) value.currentLocation().getByteOffset();
  }

  /// Jackson's own messages quote the input, so only their kind is passed on.
  private static String reason(JacksonException e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    if (message.startsWith("Duplicate")) {
      return "a name appears twice in one object";
    }
    return e instanceof tools.jackson.core.exc.StreamConstraintsException
        ? "the JSON is nested deeper than 64 levels, or a number or name is too long"
        : "the body is not valid JSON";
  }

  private static RefusedException malformed(String what, JsonParser parser) {
    return malformed(what, parser.currentLocation());
  }

  private static RefusedException malformed(
      String what, @org.jspecify.annotations.Nullable TokenStreamLocation at) {
    String where =
        at == null || at.getLineNr() < 1
            ? ""
            : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
    return new RefusedException(Refusal.of(ErrorCode.MALFORMED_JSON, what + where));
  }
}
