package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Chat completions over Anthropic's messages.
///
/// Passed over since they change no answer: `metadata`, `store`, `service_tier`, hints for caches,
/// `detail` of an image. Reasoning of an earlier turn is taken back only with its seal, from
/// `thinking_blocks`. A request without a limit of output gets one, since messages want it.
final class ChatToMessages implements Pair {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int DEFAULT_MAX_TOKENS = 4_096;
  private static final String DATA_URL = "data:";
  private static final String BASE64 = ";base64,";

  @Override
  public Endpoint provider() {
    return Endpoint.MESSAGES;
  }

  @Override
  public AnswerReading reading(Consumer<AnswerPart> parts) {
    return new MessagesReading(parts);
  }

  @Override
  public AnswerWriting writing(Call call, AnswerWriting.Events events) {
    return new ChatWriting(call, events);
  }

  @Override
  public ObjectNode request(Call call) {
    Members body = Members.of(call.request(), "");
    ObjectNode messages = JSON.objectNode();
    body.copy(messages, "model");
    maxTokens(body, call, messages);
    new Turns(messages).read(body);
    temperature(body, messages);
    body.copy(messages, "top_p", "top_k");
    stop(body, messages);
    Optional<String> user = body.text("user");
    body.text("safety_identifier")
        .or(() -> user)
        .ifPresent(id -> messages.putObject("metadata").put("user_id", id));
    tools(body, messages);
    toolChoice(body, messages);
    effort(body, messages);
    format(body, messages);
    body.ignore(
        "stream",
        "stream_options",
        "metadata",
        "store",
        "service_tier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options");
    body.onlyNeutral("n", "1");
    body.onlyNeutral("logprobs", "false");
    body.onlyNeutral("top_logprobs", "0");
    body.onlyNeutral("modalities", "[\"text\"]");
    body.onlyNeutral("frequency_penalty", "0", "0.0");
    body.onlyNeutral("presence_penalty", "0", "0.0");
    body.onlyNeutral("logit_bias", "{}");
    body.onlyNeutral("verbosity", "\"medium\"");
    body.end();
    return messages;
  }

  private static void maxTokens(Members body, Call call, ObjectNode messages) {
    body.copy(messages, "max_tokens");
    body.copyAs(messages, "max_completion_tokens", "max_tokens");
    if (!messages.has("max_tokens") && call.defaultMaxTokens().isEmpty()) {
      messages.put("max_tokens", DEFAULT_MAX_TOKENS);
    }
  }

  private static void temperature(Members body, ObjectNode messages) {
    if (body.take("temperature").asDouble(0) > 1) {
      throw body.refusal("temperature", "may be at most 1 for this model");
    }
    body.copy(messages, "temperature");
  }

  private static void stop(Members body, ObjectNode messages) {
    JsonNode stop = body.take("stop");
    if (stop.isString()) {
      messages.putArray("stop_sequences").add(stop);
    } else {
      body.copyAs(messages, "stop", "stop_sequences");
    }
  }

  private static void tools(Members body, ObjectNode messages) {
    ArrayNode tools = JSON.arrayNode();
    int index = 0;
    for (JsonNode tool : body.elements("tools")) {
      Members read = Members.of(tool, body.at("tools", index++));
      if (!read.requiredText("type").equals("function")) {
        throw read.refusal("type", "must be function for this model");
      }
      Members function =
          read.inner("function").orElseThrow(() -> read.refusal("function", "is required"));
      ObjectNode written = tools.addObject().put("name", function.requiredText("name"));
      function.copy(written, "description", "strict");
      function.copyAs(written, "parameters", "input_schema");
      if (!written.has("input_schema")) {
        written.putObject("input_schema").put("type", "object").putObject("properties");
      }
      function.end();
      read.end();
    }
    if (!tools.isEmpty()) {
      messages.set("tools", tools);
    }
  }

  private static void toolChoice(Members body, ObjectNode messages) {
    JsonNode choice = body.take("tool_choice");
    boolean oneAtATime = !body.take("parallel_tool_calls").asBoolean(true);
    if (choice.isMissingNode() && !oneAtATime) {
      return;
    }
    if (choice.isMissingNode() && !messages.has("tools")) {
      return;
    }
    ObjectNode written = messages.putObject("tool_choice");
    if (choice.isObject()) {
      Members read = Members.of(choice, body.at("tool_choice"));
      if (!read.requiredText("type").equals("function")) {
        throw read.refusal("type", "must be function for this model");
      }
      Members function =
          read.inner("function").orElseThrow(() -> read.refusal("function", "is required"));
      written.put("type", "tool").put("name", function.requiredText("name"));
      function.end();
      read.end();
    } else {
      written.put(
          "type",
          switch (choice.asString("auto")) {
            case "auto" -> "auto";
            case "none" -> "none";
            case "required" -> "any";
            default -> throw body.refusal("tool_choice", "must be auto, none or required");
          });
    }
    if (oneAtATime && !written.path("type").asString("").equals("none")) {
      written.put("disable_parallel_tool_use", true);
    }
  }

  private static void effort(Members body, ObjectNode messages) {
    Optional<String> effort = body.text("reasoning_effort");
    if (effort.isEmpty()) {
      return;
    }
    switch (effort.get()) {
      case "none" -> messages.putObject("thinking").put("type", "disabled");
      case "minimal" -> think(messages, "low");
      case "low", "medium", "high", "xhigh", "max" -> think(messages, effort.get());
      default -> throw body.refusal("reasoning_effort", "is no effort that is known");
    }
  }

  private static void think(ObjectNode messages, String effort) {
    messages.putObject("thinking").put("type", "adaptive");
    messages.withObject("/output_config").put("effort", effort);
  }

  private static void format(Members body, ObjectNode messages) {
    body.inner("response_format")
        .ifPresent(format -> {
          switch (format.requiredText("type")) {
            case "text" -> {}
            case "json_schema" -> {
              Members wanted =
                  format
                      .inner("json_schema")
                      .orElseThrow(() -> format.refusal("json_schema", "is required"));
              ObjectNode written =
                  messages
                      .withObject("/output_config")
                      .putObject("format")
                      .put("type", "json_schema");
              wanted.copy(written, "schema");
              // A schema always binds there, so strictness needs no word; names are for nobody.
              wanted.ignore("name", "description", "strict");
              wanted.end();
            }
            default -> throw format.refusal("type", "must be text or json_schema for this model");
          }
          format.end();
        });
  }

  /// The turns of the conversation. Results of tools and what the user says after them are one turn
  /// there.
  private static final class Turns {
    private final ArrayNode system = JSON.arrayNode();
    private final ArrayNode turns = JSON.arrayNode();
    private final ObjectNode request;

    Turns(ObjectNode request) {
      this.request = request;
    }

    void read(Members body) {
      int index = 0;
      for (JsonNode message : body.elements("messages")) {
        Members read = Members.of(message, body.at("messages", index++));
        switch (read.requiredText("role")) {
          case "system", "developer" -> system(read);
          case "user" -> user(read);
          case "assistant" -> assistant(read);
          case "tool" -> tool(read);
          default -> throw read.refusal("role", "must be system, user, assistant or tool");
        }
        read.end();
      }
      if (!system.isEmpty()) {
        request.set("system", system);
      }
      request.set("messages", turns);
    }

    private void system(Members message) {
      if (!turns.isEmpty()) {
        throw message.refusal("role", "a system prompt must come first for this model");
      }
      texts(message, system);
    }

    private void user(Members message) {
      ArrayNode blocks = turn("user");
      JsonNode content = message.take("content");
      if (content.isString()) {
        text(blocks, content.asString());
        return;
      }
      int index = 0;
      for (JsonNode part : message.elements("content")) {
        Members read = Members.of(part, message.at("content", index++));
        switch (read.requiredText("type")) {
          case "text" -> text(blocks, read.requiredText("text"));
          case "image_url" -> image(read, blocks);
          case "file" -> file(read, blocks);
          default -> throw read.refusal("type", "is no content that this model takes");
        }
        read.ignore("prompt_cache_breakpoint");
        read.end();
      }
    }

    private static void text(ArrayNode blocks, String text) {
      blocks.addObject().put("type", "text").put("text", text);
    }

    /// Text, or parts that are text.
    private static void texts(Members message, ArrayNode blocks) {
      JsonNode content = message.take("content");
      if (content.isString()) {
        text(blocks, content.asString());
        return;
      }
      int index = 0;
      for (JsonNode part : message.elements("content")) {
        Members read = Members.of(part, message.at("content", index++));
        switch (read.requiredText("type")) {
          case "text" -> text(blocks, read.requiredText("text"));
          case "refusal" -> text(blocks, read.requiredText("refusal"));
          default -> throw read.refusal("type", "only text can be here");
        }
        read.ignore("prompt_cache_breakpoint");
        read.end();
      }
    }

    private static void image(Members part, ArrayNode blocks) {
      Members image =
          part.inner("image_url").orElseThrow(() -> part.refusal("image_url", "is required"));
      String url = image.requiredText("url");
      image.ignore("detail");
      image.end();
      ObjectNode source = blocks.addObject().put("type", "image").putObject("source");
      if (url.startsWith(DATA_URL)) {
        inline(image, "url", url, source);
      } else {
        source.put("type", "url").put("url", url);
      }
    }

    private static void file(Members part, ArrayNode blocks) {
      Members file = part.inner("file").orElseThrow(() -> part.refusal("file", "is required"));
      ObjectNode document = blocks.addObject().put("type", "document");
      inline(file, "file_data", file.requiredText("file_data"), document.putObject("source"));
      file.copyAs(document, "filename", "title");
      file.end();
    }

    private static void inline(Members part, String name, String url, ObjectNode source) {
      int at = url.indexOf(BASE64);
      if (!url.startsWith(DATA_URL) || at < 0) {
        throw part.refusal(name, "must be a data URL in base64");
      }
      source
          .put("type", "base64")
          .put("media_type", url.substring(DATA_URL.length(), at))
          .put("data", url.substring(at + BASE64.length()));
    }

    private void assistant(Members message) {
      ArrayNode blocks = turn("assistant");
      int index = 0;
      boolean sealed = false;
      for (JsonNode block : message.elements("thinking_blocks")) {
        Members read = Members.of(block, message.at("thinking_blocks", index++));
        ObjectNode written = blocks.addObject();
        read.copy(written, "type", "thinking", "signature", "data");
        read.end();
        sealed = true;
      }
      if (sealed) {
        message.ignore("reasoning_content");
      } else if (message.text("reasoning_content").filter(text -> !text.isEmpty()).isPresent()) {
        throw message.refusal(
            "reasoning_content", "is taken back only with its thinking_blocks; leave it out");
      }
      ArrayNode texts = JSON.arrayNode();
      texts(message, texts);
      message.text("refusal").ifPresent(refusal -> text(texts, refusal));
      texts
          .valueStream()
          .filter(text -> !text.path("text").asString("").isEmpty())
          .forEach(blocks::add);
      int position = 0;
      for (JsonNode call : message.elements("tool_calls")) {
        toolCall(Members.of(call, message.at("tool_calls", position++)), blocks);
      }
      message.onlyNeutral("annotations", "[]");
    }

    private static void toolCall(Members call, ArrayNode blocks) {
      if (!call.text("type").orElse("function").equals("function")) {
        throw call.refusal("type", "must be function for this model");
      }
      Members function =
          call.inner("function").orElseThrow(() -> call.refusal("function", "is required"));
      blocks
          .addObject()
          .put("type", "tool_use")
          .put("id", call.requiredText("id"))
          .put("name", function.requiredText("name"))
          .set("input", function.parsed("arguments"));
      call.ignore("index");
      function.end();
      call.end();
    }

    private void tool(Members message) {
      ObjectNode result =
          turn("user")
              .addObject()
              .put("type", "tool_result")
              .put("tool_use_id", message.requiredText("tool_call_id"));
      JsonNode content = message.take("content");
      if (content.isString()) {
        result.set("content", content);
      } else {
        texts(message, result.putArray("content"));
      }
    }

    /// The blocks of the last turn if it is of that role, else of a new one.
    private ArrayNode turn(String role) {
      ObjectNode last =
          turns.isEmpty() ? JSON.objectNode() : (ObjectNode) turns.get(turns.size() - 1);
      if (!last.path("role").asString("").equals(role)) {
        last = turns.addObject().put("role", role);
        last.putArray("content");
      }
      return last.withArray("/content");
    }
  }
}
