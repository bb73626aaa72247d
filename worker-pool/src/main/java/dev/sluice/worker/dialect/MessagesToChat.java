package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Anthropic's messages over chat completions.
///
/// Without a word in chat, and passed over since they change no answer: `cache_control`,
/// `service_tier`, seals of thinking, the name of a document. `is_error` of a tool's result becomes
/// the words `Error: ` before it. A budget of thinking becomes the nearest effort.
final class MessagesToChat implements Pair {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final int LOW_BUDGET = 4_096;
  private static final int MEDIUM_BUDGET = 16_384;

  @Override
  public Endpoint provider() {
    return Endpoint.CHAT;
  }

  @Override
  public AnswerReading reading(Consumer<AnswerPart> parts) {
    return new ChatReading(parts);
  }

  @Override
  public AnswerWriting writing(Call call, AnswerWriting.Events events) {
    return new MessagesWriting(call, events);
  }

  @Override
  public ObjectNode request(Call call) {
    Members body = Members.of(call.request(), "");
    ObjectNode chat = JSON.objectNode();
    body.copy(chat, "model");
    ArrayNode messages = chat.putArray("messages");
    system(body, messages);
    int index = 0;
    for (JsonNode message : body.elements("messages")) {
      message(Members.of(message, body.at("messages", index++)), messages);
    }
    body.copyAs(chat, "max_tokens", call.maxTokensField());
    body.copyAs(chat, "stop_sequences", "stop");
    body.copy(chat, "temperature", "top_p", "top_k");
    body.inner("metadata")
        .ifPresent(metadata -> {
          metadata.copyAs(chat, "user_id", "user");
          metadata.end();
        });
    tools(body, chat);
    toolChoice(body, chat);
    effort(body, chat);
    body.ignore("stream", "cache_control", "service_tier");
    body.onlyNeutral("speed", "\"standard\"");
    body.end();
    return chat;
  }

  private static void system(Members body, ArrayNode messages) {
    JsonNode system = body.take("system");
    if (system.isMissingNode()) {
      return;
    }
    ObjectNode message = messages.addObject().put("role", "system");
    if (system.isString()) {
      message.set("content", system);
      return;
    }
    ArrayNode parts = message.putArray("content");
    int index = 0;
    for (JsonNode block : body.elements("system")) {
      Members read = Members.of(block, body.at("system", index++));
      if (!read.requiredText("type").equals("text")) {
        throw read.refusal("type", "only text can be a system prompt");
      }
      text(read, parts);
    }
    simplify(message);
  }

  /// One text is sent as such: not every server knows parts.
  private static void simplify(ObjectNode message) {
    JsonNode parts = message.path("content");
    if (parts.size() == 1 && parts.path(0).path("type").asString("").equals("text")) {
      message.set("content", parts.path(0).path("text"));
    }
  }

  private static void message(Members message, ArrayNode messages) {
    String role = message.requiredText("role");
    JsonNode content = message.take("content");
    if (content.isString()) {
      messages.addObject().put("role", role(message, role)).set("content", content);
    } else if (role.equals("assistant")) {
      assistant(message, messages);
    } else {
      user(message, role(message, role), messages);
    }
    message.end();
  }

  private static String role(Members message, String role) {
    return switch (role) {
      case "user", "assistant", "system" -> role;
      default -> throw message.refusal("role", "must be user, assistant or system");
    };
  }

  private static void user(Members message, String role, ArrayNode messages) {
    ArrayNode parts = JSON.arrayNode();
    int index = 0;
    for (JsonNode block : message.elements("content")) {
      Members read = Members.of(block, message.at("content", index++));
      switch (read.requiredText("type")) {
        case "text" -> text(read, parts);
        case "image" -> image(read, parts);
        case "document" -> document(read, parts);
        case "tool_result" -> {
          if (!parts.isEmpty()) {
            throw read.refusal("type", "the results of tools must come before other content");
          }
          toolResult(read, messages);
        }
        default -> throw read.refusal("type", "is no block that chat completions know");
      }
    }
    if (!parts.isEmpty()) {
      ObjectNode turn = messages.addObject().put("role", role);
      turn.set("content", parts);
      simplify(turn);
    }
  }

  private static void text(Members block, ArrayNode parts) {
    parts.addObject().put("type", "text").put("text", block.requiredText("text"));
    block.ignore("cache_control");
    block.onlyNeutral("citations", "[]");
    block.end();
  }

  private static void image(Members block, ArrayNode parts) {
    Members source =
        block.inner("source").orElseThrow(() -> block.refusal("source", "is required"));
    String url =
        switch (source.requiredText("type")) {
          case "url" -> source.requiredText("url");
          case "base64" ->
              "data:"
                  + source.requiredText("media_type")
                  + ";base64,"
                  + source.requiredText("data");
          default -> throw source.refusal("type", "must be base64 or url for this model");
        };
    source.end();
    block.ignore("cache_control");
    block.end();
    parts.addObject().put("type", "image_url").putObject("image_url").put("url", url);
  }

  private static void document(Members block, ArrayNode parts) {
    Members source =
        block.inner("source").orElseThrow(() -> block.refusal("source", "is required"));
    String name = block.text("title").orElse("document");
    switch (source.requiredText("type")) {
      case "base64" ->
          parts
              .addObject()
              .put("type", "file")
              .putObject("file")
              .put("filename", name)
              .put(
                  "file_data",
                  "data:"
                      + source.requiredText("media_type")
                      + ";base64,"
                      + source.requiredText("data"));
      case "text" -> {
        source.ignore("media_type");
        parts.addObject().put("type", "text").put("text", source.requiredText("data"));
      }
      default -> throw source.refusal("type", "must be base64 or text for this model");
    }
    source.end();
    block.ignore("cache_control");
    block
        .inner("citations")
        .ifPresent(citations -> {
          citations.onlyNeutral("enabled", "false");
          citations.end();
        });
    block.end();
  }

  private static void toolResult(Members block, ArrayNode messages) {
    ObjectNode message =
        messages
            .addObject()
            .put("role", "tool")
            .put("tool_call_id", block.requiredText("tool_use_id"));
    String prefix = block.take("is_error").asBoolean(false) ? "Error: " : "";
    JsonNode content = block.take("content");
    if (content.isString() || content.isMissingNode()) {
      message.put("content", prefix + content.asString(""));
    } else {
      ArrayNode parts = message.putArray("content");
      int index = 0;
      for (JsonNode part : block.elements("content")) {
        Members read = Members.of(part, block.at("content", index++));
        if (!read.requiredText("type").equals("text")) {
          throw read.refusal("type", "chat completions take only text as a tool's result");
        }
        text(read, parts);
      }
      if (parts.isEmpty()) {
        parts.addObject().put("type", "text").put("text", "");
      }
      ObjectNode first = (ObjectNode) parts.get(0);
      first.put("text", prefix + first.path("text").asString(""));
      simplify(message);
    }
    block.ignore("cache_control");
    block.end();
  }

  private static void assistant(Members message, ArrayNode messages) {
    ObjectNode turn = JSON.objectNode().put("role", "assistant");
    StringBuilder text = new StringBuilder();
    StringBuilder thinking = new StringBuilder();
    ArrayNode calls = JSON.arrayNode();
    int index = 0;
    for (JsonNode block : message.elements("content")) {
      Members read = Members.of(block, message.at("content", index++));
      switch (read.requiredText("type")) {
        case "text" -> {
          text.append(read.requiredText("text"));
          read.onlyNeutral("citations", "[]");
        }
        case "thinking" -> {
          thinking.append(read.requiredText("thinking"));
          read.ignore("signature");
        }
        case "tool_use" -> toolUse(read, calls);
        default -> throw read.refusal("type", "is no block that chat completions know");
      }
      read.ignore("cache_control");
      read.end();
    }
    if (text.isEmpty()) {
      turn.putNull("content");
    } else {
      turn.put("content", text.toString());
    }
    if (!thinking.isEmpty()) {
      turn.put("reasoning_content", thinking.toString());
    }
    if (!calls.isEmpty()) {
      turn.set("tool_calls", calls);
    }
    messages.add(turn);
  }

  private static void toolUse(Members block, ArrayNode calls) {
    calls
        .addObject()
        .put("id", block.requiredText("id"))
        .put("type", "function")
        .putObject("function")
        .put("name", block.requiredText("name"))
        .put(
            "arguments",
            block.take("input").isMissingNode() ? "{}" : block.take("input").toString());
    block
        .inner("caller")
        .ifPresent(caller -> {
          caller.onlyNeutral("type", "\"direct\"");
          caller.end();
        });
  }

  private static void tools(Members body, ObjectNode chat) {
    int index = 0;
    ArrayNode tools = JSON.arrayNode();
    for (JsonNode tool : body.elements("tools")) {
      Members read = Members.of(tool, body.at("tools", index++));
      if (!read.text("type").orElse("custom").equals("custom")) {
        throw read.refusal("type", "is a tool of Anthropic's servers, which this model has not");
      }
      ObjectNode function =
          tools
              .addObject()
              .put("type", "function")
              .putObject("function")
              .put("name", read.requiredText("name"));
      read.copy(function, "description", "strict");
      read.copyAs(function, "input_schema", "parameters");
      read.ignore("cache_control", "eager_input_streaming");
      read.end();
    }
    if (!tools.isEmpty()) {
      chat.set("tools", tools);
    }
  }

  private static void toolChoice(Members body, ObjectNode chat) {
    Optional<Members> choice = body.inner("tool_choice");
    if (choice.isEmpty()) {
      return;
    }
    Members read = choice.get();
    switch (read.requiredText("type")) {
      case "auto" -> chat.put("tool_choice", "auto");
      case "any" -> chat.put("tool_choice", "required");
      case "none" -> chat.put("tool_choice", "none");
      case "tool" ->
          chat.putObject("tool_choice")
              .put("type", "function")
              .putObject("function")
              .put("name", read.requiredText("name"));
      default -> throw read.refusal("type", "must be auto, any, tool or none");
    }
    if (read.take("disable_parallel_tool_use").asBoolean(false)) {
      chat.put("parallel_tool_calls", false);
    }
    read.end();
  }

  private static void effort(Members body, ObjectNode chat) {
    body.inner("thinking")
        .ifPresent(thinking -> {
          switch (thinking.requiredText("type")) {
            case "enabled" -> {
              int budget = thinking.take("budget_tokens").asInt(MEDIUM_BUDGET);
              chat.put(
                  "reasoning_effort",
                  budget <= LOW_BUDGET ? "low" : budget <= MEDIUM_BUDGET ? "medium" : "high");
            }
            case "disabled", "adaptive" -> {
              // What a model does unless told otherwise.
            }
            default -> throw thinking.refusal("type", "must be enabled, adaptive or disabled");
          }
          thinking.ignore("display");
          thinking.end();
        });
    body.inner("output_config")
        .ifPresent(config -> {
          config.copyAs(chat, "effort", "reasoning_effort");
          config
              .inner("format")
              .ifPresent(format -> {
                if (!format.requiredText("type").equals("json_schema")) {
                  throw format.refusal("type", "must be json_schema");
                }
                ObjectNode schema =
                    chat.putObject("response_format")
                        .put("type", "json_schema")
                        .putObject("json_schema")
                        .put("name", "answer")
                        .put("strict", true);
                format.copy(schema, "schema");
                format.end();
              });
          config.end();
        });
  }
}
