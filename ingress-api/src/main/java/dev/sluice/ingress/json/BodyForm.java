package dev.sluice.ingress.json;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.Submitted;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The members of an endpoint's request that the ingress acts on, checked while they are read. All
/// others belong to the provider. Owned by one thread, used once.
public final class BodyForm {
  static final int MAX_MODEL_CHARACTERS = 256;

  private final String endpoint;
  private final String prefix;
  private String model = "";
  private boolean stream;
  private boolean includeUsage;
  private long maxOutputTokens = -1;
  private String serviceTier = "";
  private Map<String, String> tags = Map.of();
  private boolean hasPrompt;

  /// @param prefix pointer of the object, empty for the root
  BodyForm(String endpoint, String prefix) {
    this.endpoint = endpoint;
    this.prefix = prefix;
  }

  /// The request of one endpoint of the OpenAI surface.
  ///
  /// @throws dev.sluice.ingress.core.RefusedException when it cannot be one
  public static Submitted read(String endpoint, byte[] body) {
    BodyForm form = new BodyForm(endpoint, "");
    StrictJson.read(body, form::member);
    return form.submitted(body);
  }

  void member(String name, JsonParser value) {
    String pointer = prefix + "/" + name;
    switch (name) {
      case "model" -> model = Fields.text(value, pointer, MAX_MODEL_CHARACTERS);
      case "messages" -> prompt(value, pointer, Endpoints.CHAT);
      case "prompt" -> prompt(value, pointer, Endpoints.COMPLETIONS);
      case "input" -> prompt(value, pointer, Endpoints.EMBEDDINGS);
      default -> optional(name, value, pointer);
    }
  }

  private void prompt(JsonParser value, String pointer, String owner) {
    if (owner.equals(Endpoints.CHAT) && endpoint.equals(owner)) {
      Fields.array(value, pointer, JsonToken.START_OBJECT, "messages");
      hasPrompt = true;
    } else if (Endpoints.promptOf(endpoint).equals(Endpoints.promptOf(owner))) {
      Fields.textOrArray(value, pointer);
      hasPrompt = true;
    } else {
      value.skipChildren();
    }
  }

  private void optional(String name, JsonParser value, String pointer) {
    if (Fields.isNull(value)) {
      return;
    }
    switch (name) {
      case "stream" -> stream = Fields.bool(value, pointer);
      case "stream_options" -> streamOptions(value, pointer);
      case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
          maxOutputTokens = Fields.whole(value, pointer, 1);
      case "n" -> Fields.whole(value, pointer, 1);
      case "temperature", "top_p", "presence_penalty", "frequency_penalty" ->
          Fields.number(value, pointer);
      case "service_tier" -> serviceTier = Fields.text(value, pointer, 64);
      case "metadata" -> tags = Fields.tags(value, pointer);
      case "user" -> {
        if (value.currentToken() != JsonToken.VALUE_STRING) {
          throw Fields.wrong(pointer, "must be a string");
        }
      }
      default -> value.skipChildren();
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
    if (stream && !Endpoints.streams(endpoint)) {
      throw new dev.sluice.ingress.core.RefusedException(
          Refusal.field(prefix + "/stream", "this endpoint has no stream"));
    }
    return new Submitted(
        endpoint,
        model,
        body,
        stream,
        includeUsage,
        maxOutputTokens < 0 ? OptionalLong.empty() : OptionalLong.of(maxOutputTokens),
        serviceTier,
        Optional.empty(),
        Optional.empty(),
        tags,
        Optional.empty(),
        Optional.empty());
  }
}
