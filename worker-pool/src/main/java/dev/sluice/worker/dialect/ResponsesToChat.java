package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Responses over chat completions.
///
/// Passed over since they change no answer, and said back in the response: `background`, `store`,
/// `metadata`, `service_tier`, hints for caches, the wish for a summary of the reasoning. The
/// conversation must be in `input`, where the ingress has put what `previous_response_id` names;
/// what lies at a vendor is not reached from here.
///
/// @param seals what becomes of the seals of earlier thinking
record ResponsesToChat(Seals seals) implements Pair {
  /// The provider that gave them takes them back; to others they say nothing.
  enum Seals {
    KEPT,
    LEFT_OUT
  }

  /// Marks, in `encrypted_content`, thinking that only its provider can read.
  static final String REDACTED = "redacted_thinking:";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String LOGPROBS = "message.output_text.logprobs";
  private static final Set<String> INCLUDED = Set.of(LOGPROBS, "reasoning.encrypted_content");

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
    return new ResponsesWriting(call, events);
  }

  @Override
  public ObjectNode request(Call call) {
    Members body = Members.of(call.request(), "");
    ObjectNode chat = JSON.objectNode();
    body.copy(chat, "model");
    ArrayNode messages = chat.putArray("messages");
    body.text("instructions")
        .ifPresent(text -> messages.addObject().put("role", "system").put("content", text));
    new Items(messages, seals).read(body);
    body.copyAs(chat, "max_output_tokens", call.maxTokensField());
    body.copy(chat, "temperature", "top_p", "user");
    tools(body, chat);
    toolChoice(body, chat);
    if (chat.has("tools")) {
      body.copy(chat, "parallel_tool_calls");
    }
    format(body, chat);
    body.inner("reasoning")
        .ifPresent(reasoning -> {
          reasoning.copyAs(chat, "effort", "reasoning_effort");
          reasoning.ignore("summary", "generate_summary");
          reasoning.end();
        });
    logprobs(body, chat);
    body.ignore(
        "stream",
        "stream_options",
        "background",
        "previous_response_id",
        "store",
        "metadata",
        "service_tier",
        "parallel_tool_calls",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "prompt_cache_options");
    body.onlyNeutral("truncation", "\"disabled\"");
    body.end();
    return chat;
  }

  private static void tools(Members body, ObjectNode chat) {
    ArrayNode tools = JSON.arrayNode();
    int index = 0;
    for (JsonNode tool : body.elements("tools")) {
      Members read = Members.of(tool, body.at("tools", index++));
      if (!read.requiredText("type").equals("function")) {
        throw read.refusal("type", "must be function for this model");
      }
      ObjectNode function =
          tools
              .addObject()
              .put("type", "function")
              .putObject("function")
              .put("name", read.requiredText("name"));
      read.copy(function, "description", "parameters", "strict");
      read.onlyNeutral("async", "false");
      read.onlyNeutral("defer_loading", "false");
      read.onlyNeutral("allowed_callers", "[\"direct\"]");
      read.end();
    }
    if (!tools.isEmpty()) {
      chat.set("tools", tools);
    }
  }

  private static void toolChoice(Members body, ObjectNode chat) {
    JsonNode choice = body.take("tool_choice");
    if (choice.isObject()) {
      Members read = Members.of(choice, body.at("tool_choice"));
      if (!read.requiredText("type").equals("function")) {
        throw read.refusal("type", "must be function for this model");
      }
      chat.putObject("tool_choice")
          .put("type", "function")
          .putObject("function")
          .put("name", read.requiredText("name"));
      read.end();
    } else if (choice.isString() && chat.has("tools")) {
      chat.set("tool_choice", choice);
    }
  }

  private static void format(Members body, ObjectNode chat) {
    body.inner("text")
        .ifPresent(text -> {
          text.copy(chat, "verbosity");
          text.inner("format")
              .ifPresent(format -> {
                switch (format.requiredText("type")) {
                  case "text" -> {}
                  case "json_object" ->
                      chat.putObject("response_format").put("type", "json_object");
                  case "json_schema" -> {
                    ObjectNode schema =
                        chat.putObject("response_format")
                            .put("type", "json_schema")
                            .putObject("json_schema");
                    format.copy(schema, "name", "description", "schema", "strict");
                  }
                  default ->
                      throw format.refusal("type", "must be text, json_object or json_schema");
                }
                format.end();
              });
          text.end();
        });
  }

  private static void logprobs(Members body, ObjectNode chat) {
    int index = 0;
    for (JsonNode wish : body.elements("include")) {
      String name = wish.asString("");
      if (!INCLUDED.contains(name)) {
        throw new UntranslatableException(
            body.at("include", index), "the provider of this model has nothing of that kind");
      }
      if (name.equals(LOGPROBS)) {
        chat.put("logprobs", true);
      }
      index++;
    }
    int top = body.take("top_logprobs").asInt(0);
    if (top > 0) {
      chat.put("logprobs", true).put("top_logprobs", top);
    }
  }

  /// The items of the input. What the assistant thought, said and called in a row is one message of
  /// chat.
  private static final class Items {
    private final ArrayNode messages;
    private final Seals seals;
    private @Nullable ObjectNode assistant;

    Items(ArrayNode messages, Seals seals) {
      this.messages = messages;
      this.seals = seals;
    }

    void read(Members body) {
      JsonNode input = body.take("input");
      if (input.isString()) {
        messages.addObject().put("role", "user").set("content", input);
        return;
      }
      int index = 0;
      for (JsonNode item : body.elements("input")) {
        Members read = Members.of(item, body.at("input", index++));
        String type = read.text("type").orElse("message");
        switch (type) {
          case "message" -> message(read);
          case "function_call" -> functionCall(read);
          case "function_call_output" -> functionOutput(read);
          case "reasoning" -> reasoning(read);
          default -> throw read.refusal("type", "is no item that this model takes");
        }
        read.ignore("id", "status");
        read.end();
      }
    }

    private void message(Members item) {
      String role = item.requiredText("role");
      item.ignore("phase");
      switch (role) {
        case "assistant" -> said(item);
        case "user" -> {
          assistant = null;
          ObjectNode message = messages.addObject().put("role", "user");
          JsonNode content = item.take("content");
          if (content.isString()) {
            message.set("content", content);
          } else {
            parts(item, message.putArray("content"));
          }
        }
        case "system", "developer" -> {
          assistant = null;
          ObjectNode message = messages.addObject().put("role", "system");
          message.put("content", text(item, "content"));
        }
        default -> throw item.refusal("role", "must be user, assistant, system or developer");
      }
    }

    private static void parts(Members item, ArrayNode parts) {
      int index = 0;
      for (JsonNode part : item.elements("content")) {
        Members read = Members.of(part, item.at("content", index++));
        switch (read.requiredText("type")) {
          case "input_text" ->
              parts.addObject().put("type", "text").put("text", read.requiredText("text"));
          case "input_image" -> {
            ObjectNode image =
                parts
                    .addObject()
                    .put("type", "image_url")
                    .putObject("image_url")
                    .put("url", read.requiredText("image_url"));
            read.copy(image, "detail");
          }
          case "input_file" -> {
            ObjectNode file =
                parts
                    .addObject()
                    .put("type", "file")
                    .putObject("file")
                    .put("file_data", read.requiredText("file_data"));
            read.copy(file, "filename");
            read.ignore("detail");
          }
          default -> throw read.refusal("type", "is no content that this model takes");
        }
        read.ignore("prompt_cache_breakpoint");
        read.end();
      }
    }

    private void said(Members item) {
      ObjectNode turn = turn();
      String text = text(item, "content");
      JsonNode before = turn.path("content");
      turn.put("content", before.isString() ? before.asString() + text : text);
    }

    /// Text, or the text of parts that can be no other.
    private static String text(Members item, String name) {
      JsonNode content = item.take(name);
      if (content.isString()) {
        return content.asString();
      }
      StringBuilder text = new StringBuilder();
      int index = 0;
      for (JsonNode part : item.elements(name)) {
        Members read = Members.of(part, item.at(name, index++));
        switch (read.requiredText("type")) {
          case "output_text", "input_text", "reasoning_text", "summary_text" ->
              text.append(read.requiredText("text"));
          case "refusal" -> text.append(read.requiredText("refusal"));
          default -> throw read.refusal("type", "only text can be here");
        }
        read.ignore("logprobs", "prompt_cache_breakpoint");
        read.onlyNeutral("annotations", "[]");
        read.end();
      }
      return text.toString();
    }

    private void functionCall(Members item) {
      ObjectNode call =
          turn()
              .withArray("/tool_calls")
              .addObject()
              .put("id", item.requiredText("call_id"))
              .put("type", "function");
      call.putObject("function")
          .put("name", item.requiredText("name"))
          .put("arguments", item.requiredText("arguments"));
    }

    private void functionOutput(Members item) {
      assistant = null;
      messages
          .addObject()
          .put("role", "tool")
          .put("tool_call_id", item.requiredText("call_id"))
          .put("content", text(item, "output"));
      item.ignore("name");
    }

    private void reasoning(Members item) {
      ObjectNode open = assistant;
      if (open != null && (open.path("content").isString() || open.has("tool_calls"))) {
        // A new turn begins with its reasoning.
        assistant = null;
      }
      ObjectNode turn = turn();
      String content = text(item, "content");
      String summary = text(item, "summary");
      String thought = content.isEmpty() ? summary : content;
      if (!thought.isEmpty()) {
        String before = turn.path("reasoning_content").asString("");
        turn.put("reasoning_content", before + thought);
      }
      item.text("encrypted_content").ifPresent(seal -> seal(item, turn, thought, seal));
    }

    private void seal(Members item, ObjectNode turn, String thought, String seal) {
      boolean redacted = seal.startsWith(REDACTED);
      if (seals == Seals.LEFT_OUT) {
        if (redacted) {
          throw item.refusal("encrypted_content", "only the provider that made it can read it");
        }
        return;
      }
      ObjectNode block = turn.withArray("/thinking_blocks").addObject();
      if (redacted) {
        block.put("type", "redacted_thinking").put("data", seal.substring(REDACTED.length()));
      } else {
        block.put("type", "thinking").put("thinking", thought).put("signature", seal);
      }
    }

    private ObjectNode turn() {
      ObjectNode open = assistant;
      if (open == null) {
        open = messages.addObject().put("role", "assistant").putNull("content");
        assistant = open;
      }
      return open;
    }
  }
}
