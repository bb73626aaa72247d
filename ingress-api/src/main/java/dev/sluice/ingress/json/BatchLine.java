package dev.sluice.ingress.json;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// One line of a batch: the caller's name for it, and a request whose bytes stay as they came.
///
/// @param customId the caller's name of the line
/// @param request what is asked
public record BatchLine(String customId, Submitted request) {
  private static final int MAX_CUSTOM_ID_CHARACTERS = 512;

  private static final String NO_STREAM =
      "cannot be true in a batch: a line's answer comes whole, in the batch's output; leave it out";
  private static final String NO_BACKGROUND =
      "cannot be true in a batch, which runs in the background as it is; leave it out";
  private static final String NO_PREVIOUS =
      "is not for a batch: a line is a whole request by itself; put the earlier turns into input";

  /// A line of OpenAI's form: `custom_id`, `method`, `url`, `body`.
  ///
  /// @throws RefusedException when it is none, or not for this endpoint
  public static BatchLine openAi(byte[] line, String endpoint) {
    Reader reader = new Reader(line, endpoint, "body");
    StrictJson.read(line, reader::openAi);
    reader.require(reader.hasMethod, "/method");
    reader.require(reader.hasUrl, "/url");
    return reader.line();
  }

  /// A line of Anthropic's form: `custom_id`, `params`.
  ///
  /// @throws RefusedException when it is none
  public static BatchLine anthropic(byte[] line) {
    Reader reader = new Reader(line, Endpoints.MESSAGES, "params");
    StrictJson.read(line, reader::anthropic);
    return reader.line();
  }

  /// Reads one line, once.
  private static final class Reader {
    private final byte[] source;
    private final String endpoint;
    private final String bodyName;
    private String customId = "";
    private boolean hasMethod;
    private boolean hasUrl;
    private @Nullable Submitted body;

    Reader(byte[] source, String endpoint, String bodyName) {
      this.source = source;
      this.endpoint = endpoint;
      this.bodyName = bodyName;
    }

    void openAi(String name, JsonParser value) {
      switch (name) {
        case "custom_id" -> customId(value);
        case "method" -> hasMethod = mustBe(value, "/method", "POST");
        case "url" -> hasUrl = mustBe(value, "/url", endpoint);
        case "body" -> body(value);
        default -> value.skipChildren();
      }
    }

    void anthropic(String name, JsonParser value) {
      switch (name) {
        case "custom_id" -> customId(value);
        case "params" -> body(value);
        default ->
            throw new RefusedException(
                Refusal.field("/custom_id", "a request has custom_id and params only"));
      }
    }

    private void customId(JsonParser value) {
      customId = Fields.text(value, "/custom_id", MAX_CUSTOM_ID_CHARACTERS);
    }

    private static boolean mustBe(JsonParser value, String pointer, String wanted) {
      if (!Fields.text(value, pointer, MAX_CUSTOM_ID_CHARACTERS).equals(wanted)) {
        throw Fields.wrong(pointer, "must be " + wanted + ", as the batch says");
      }
      return true;
    }

    private void body(JsonParser value) {
      String pointer = "/" + bodyName;
      if (value.currentToken() != JsonToken.START_OBJECT) {
        throw Fields.wrong(pointer, "must be an object");
      }
      int start = (int) value.currentTokenLocation().getByteOffset();
      BodyForm form = new BodyForm(endpoint, pointer);
      for (String name = value.nextName(); name != null; name = value.nextName()) {
        value.nextToken();
        if (name.equals("background") && value.currentToken() == JsonToken.VALUE_TRUE) {
          throw Fields.wrong(pointer + "/background", NO_BACKGROUND);
        }
        if (name.equals("previous_response_id") && !Fields.isNull(value)) {
          throw Fields.wrong(pointer + "/previous_response_id", NO_PREVIOUS);
        }
        form.member(name, value);
      }
      value.finishToken();
      int end = (int) value.currentLocation().getByteOffset();
      body = form.submitted(Arrays.copyOfRange(source, start, end));
      if (body.stream()) {
        throw Fields.wrong(pointer + "/stream", NO_STREAM);
      }
    }

    void require(boolean there, String pointer) {
      if (!there) {
        throw Fields.wrong(pointer, "is required");
      }
    }

    BatchLine line() {
      require(!customId.isEmpty(), "/custom_id");
      Submitted request = body;
      if (request == null) {
        throw Fields.wrong("/" + bodyName, "is required");
      }
      return new BatchLine(customId, request);
    }
  }
}
