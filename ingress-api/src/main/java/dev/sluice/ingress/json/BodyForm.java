package dev.sluice.ingress.json;

import dev.sluice.ingress.core.Submitted;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The members of an endpoint's request that the ingress acts on, checked while they are read. All
/// others belong to the provider. Owned by one thread, used once.
public final class BodyForm {
  static final int MAX_MODEL_CHARACTERS = 256;
  private static final int MAX_ID_CHARACTERS = 128;

  /// The one endpoint whose vendor has a model for requests that name none.
  private static final String UNNAMED_MODERATION = "omni-moderation-latest";

  private final String endpoint;
  private final String prefix;
  private String model = "";
  private boolean stream;
  private boolean includeUsage;
  private long maxOutputTokens = -1;
  private int choices = 1;
  private String serviceTier = "";
  private Map<String, String> tags = Map.of();
  private boolean hasPrompt;
  private boolean background;
  private boolean store = true;

  /// @param prefix pointer of the object, empty for the root
  BodyForm(String endpoint, String prefix) {
    this.endpoint = endpoint;
    this.prefix = prefix;
  }

  /// The request of one endpoint of a vendor's surface.
  ///
  /// @throws dev.sluice.ingress.core.RefusedException when it cannot be one
  public static Submitted read(String endpoint, byte[] body) {
    BodyForm form = new BodyForm(endpoint, "");
    StrictJson.read(body, form::member);
    if (form.model.isEmpty() && form.hasPrompt && endpoint.equals(Endpoints.MODERATIONS)) {
      form.assume(UNNAMED_MODERATION);
      return form.submitted(withModel(UNNAMED_MODERATION, body));
    }
    return form.submitted(body);
  }

  void member(String name, JsonParser value) {
    String pointer = prefix + "/" + name;
    if (name.equals("model")) {
      model = Fields.text(value, pointer, MAX_MODEL_CHARACTERS);
    } else if (name.equals(Endpoints.promptOf(endpoint))) {
      prompt(value, pointer);
    } else if (!Fields.isNull(value)) {
      optional(name, value, pointer);
    }
  }

  private void prompt(JsonParser value, String pointer) {
    switch (endpoint) {
      case Endpoints.CHAT, Endpoints.MESSAGES, Endpoints.COUNT_TOKENS ->
          Fields.array(value, pointer, JsonToken.START_OBJECT, "messages");
      case Endpoints.COMPLETIONS, Endpoints.EMBEDDINGS -> Fields.textsOrTokens(value, pointer);
      default -> Fields.textOrArray(value, pointer);
    }
    hasPrompt = true;
  }

  private void optional(String name, JsonParser value, String pointer) {
    switch (name) {
      case "stream" -> stream = Fields.bool(value, pointer);
      case "stream_options" -> streamOptions(value, pointer);
      case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
          maxOutputTokens = Fields.whole(value, pointer, 1);
      case "n" -> choices = Math.toIntExact(Math.min(Fields.whole(value, pointer, 1), 1_000));
      case "temperature", "top_p", "presence_penalty", "frequency_penalty" ->
          Fields.number(value, pointer);
      case "service_tier" -> serviceTier = Fields.text(value, pointer, 64);
      case "metadata" -> metadata(value, pointer);
      case "user" -> {
        if (value.currentToken() != JsonToken.VALUE_STRING) {
          throw Fields.wrong(pointer, "must be a string");
        }
      }
      case "background", "store", "previous_response_id", "conversation", "prompt" ->
          ofResponses(name, value, pointer);
      default -> value.skipChildren();
    }
  }

  private void metadata(JsonParser value, String pointer) {
    tags =
        Endpoints.isAnthropic(endpoint)
            ? Fields.userId(value, pointer)
            : Fields.tags(value, pointer);
  }

  private void ofResponses(String name, JsonParser value, String pointer) {
    if (!endpoint.equals(Endpoints.RESPONSES)) {
      value.skipChildren();
      return;
    }
    switch (name) {
      case "background" -> background = Fields.bool(value, pointer);
      case "store" -> store = Fields.bool(value, pointer);
      case "previous_response_id" -> {
        Fields.text(value, pointer, MAX_ID_CHARACTERS);
        hasPrompt = true;
      }
      case "conversation" -> throw Fields.wrong(pointer, "is not served; use previous_response_id");
      default -> {
        // A prompt that the vendor keeps can stand for the input.
        value.skipChildren();
        hasPrompt = true;
      }
    }
  }

  private void streamOptions(JsonParser value, String pointer) {
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw Fields.wrong(pointer, "must be an object");
    }
    for (String name = value.nextName(); name != null; name = value.nextName()) {
      value.nextToken();
      if (name.equals("include_usage") && !Fields.isNull(value)) {
        includeUsage = Fields.bool(value, pointer + "/include_usage");
      } else {
        value.skipChildren();
      }
    }
  }

  void assume(String named) {
    model = named;
  }

  String model() {
    return model;
  }

  /// @param body the bytes these members were read from
  Submitted submitted(byte[] body) {
    if (model.isEmpty()) {
      throw Fields.wrong(prefix + "/model", "is required");
    }
    if (!hasPrompt) {
      throw Fields.wrong(prefix + "/" + Endpoints.promptOf(endpoint), "is required");
    }
    if (maxOutputTokens < 0 && endpoint.equals(Endpoints.MESSAGES)) {
      throw Fields.wrong(prefix + "/max_tokens", "is required");
    }
    if (stream && !Endpoints.streams(endpoint)) {
      throw Fields.wrong(prefix + "/stream", "must be left out: this endpoint has no stream");
    }
    if (background && !store) {
      throw Fields.wrong(prefix + "/background", "needs store");
    }
    return new Submitted(
        endpoint,
        model,
        body,
        stream,
        includeUsage,
        maxOutputTokens < 0 ? OptionalLong.empty() : OptionalLong.of(maxOutputTokens),
        choices,
        serviceTier,
        Optional.empty(),
        Optional.empty(),
        tags,
        Optional.empty(),
        Optional.empty());
  }

  /// The same object with a model before its other members; it is not empty, for it has a prompt.
  static byte[] withModel(String model, byte[] object) {
    int brace = 0;
    while (object[brace] != '{') {
      brace++;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(object.length + model.length() + 16);
    out.writeBytes("{\"model\":".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new JsonOut(32).string(model).toBytes());
    out.write(',');
    out.write(object, brace + 1, object.length - brace - 1);
    return out.toByteArray();
  }
}
