package dev.sluice.ingress.json;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// One line of a batch: the caller's name for it, and a request whose bytes stay as they came.
///
/// @param customId the caller's name of the line
/// @param request what is asked
public record BatchLine(String customId, Submitted request) {
  private static final int MAX_CUSTOM_ID_CHARACTERS = 512;
  private static final String MESSAGES = "/v1/messages";

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
    Reader reader = new Reader(line, MESSAGES, "params");
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
      if (endpoint.equals(MESSAGES)) {
        Messages form = new Messages(pointer);
        members(value, form::member);
        body = form.submitted(bytes(start, value));
      } else {
        BodyForm form = new BodyForm(endpoint, pointer);
        members(value, form::member);
        body = form.submitted(bytes(start, value));
      }
      if (body.stream()) {
        throw Fields.wrong(pointer + "/stream", "is not for a batch; leave it out");
      }
    }

    private static void members(JsonParser value, StrictJson.Members form) {
      for (String name = value.nextName(); name != null; name = value.nextName()) {
        value.nextToken();
        form.member(name, value);
      }
    }

    private byte[] bytes(int start, JsonParser value) {
      value.finishToken();
      return Arrays.copyOfRange(source, start, (int) value.currentLocation().getByteOffset());
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

  /// The members of a Messages request that a batch acts on; all others belong to the provider.
  private static final class Messages {
    private final String prefix;
    private String model = "";
    private boolean stream;
    private boolean hasMessages;
    private long maxTokens;

    Messages(String prefix) {
      this.prefix = prefix;
    }

    void member(String name, JsonParser value) {
      String pointer = prefix + "/" + name;
      switch (name) {
        case "model" -> model = Fields.text(value, pointer, BodyForm.MAX_MODEL_CHARACTERS);
        case "max_tokens" -> maxTokens = Fields.whole(value, pointer, 1);
        case "stream" -> stream = !Fields.isNull(value) && Fields.bool(value, pointer);
        case "messages" -> {
          Fields.array(value, pointer, JsonToken.START_OBJECT, "messages");
          hasMessages = true;
        }
        default -> value.skipChildren();
      }
    }

    Submitted submitted(byte[] body) {
      if (model.isEmpty()) {
        throw Fields.wrong(prefix + "/model", "is required");
      }
      if (!hasMessages) {
        throw Fields.wrong(prefix + "/messages", "is required");
      }
      if (maxTokens == 0) {
        throw Fields.wrong(prefix + "/max_tokens", "is required");
      }
      return new Submitted(
          MESSAGES,
          model,
          body,
          stream,
          false,
          OptionalLong.of(maxTokens),
          "",
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty(),
          Optional.empty());
    }
  }
}
