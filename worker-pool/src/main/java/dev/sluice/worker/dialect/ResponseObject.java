package dev.sluice.worker.dialect;

import dev.sluice.contract.model.JobId;
import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The `response` object: what the caller asked, said back with its defaults, and what came of it.
/// Not safe for use by several threads.
final class ResponseObject {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Call call;
  private final JsonNode request;
  private String model;

  ResponseObject(Call call) {
    this.call = call;
    this.request = call.request();
    this.model = request.path("model").asString("");
  }

  /// @param name the provider's name of the model; empty to keep the caller's
  void model(String name) {
    if (!name.isEmpty()) {
      model = name;
    }
  }

  /// While it is made.
  ObjectNode running() {
    ObjectNode response = head("in_progress", Optional.empty());
    response.putNull("incomplete_details");
    response.putArray("output");
    asked(response);
    return response.putNull("usage");
  }

  /// When it is done.
  ///
  /// @param cut why it is incomplete
  ObjectNode ended(Optional<String> cut, ArrayNode output, TokenUsage usage, Instant at) {
    ObjectNode response =
        cut.isPresent() ? head("incomplete", Optional.empty()) : head("completed", Optional.of(at));
    cut.ifPresentOrElse(
        reason -> response.putObject("incomplete_details").put("reason", reason),
        () -> response.putNull("incomplete_details"));
    response.set("output", output);
    asked(response);
    response.set("usage", UsageJson.responses(usage));
    return response;
  }

  private ObjectNode head(String status, Optional<Instant> completedAt) {
    Instant created = JobId.parse(call.jobId()).map(JobId::createdAt).orElse(call.startedAt());
    ObjectNode response =
        JSON.objectNode()
            .put("id", call.id(Endpoint.RESPONSES))
            .put("object", "response")
            .put("created_at", created.getEpochSecond())
            .put("status", status);
    completedAt.ifPresentOrElse(
        at -> response.put("completed_at", at.getEpochSecond()),
        () -> response.putNull("completed_at"));
    return response.putNull("error").put("model", model);
  }

  private void asked(ObjectNode response) {
    echo(response, "background", JSON.booleanNode(false));
    echo(response, "instructions", JSON.nullNode());
    echo(response, "max_output_tokens", JSON.nullNode());
    echo(response, "max_tool_calls", JSON.nullNode());
    echo(response, "metadata", JSON.objectNode());
    echo(response, "parallel_tool_calls", JSON.booleanNode(true));
    echo(response, "previous_response_id", JSON.nullNode());
    echo(response, "prompt_cache_key", JSON.nullNode());
    response.set(
        "reasoning", JSON.objectNode().putNull("effort").putNull("summary").setAll(reasoning()));
    echo(response, "safety_identifier", JSON.nullNode());
    echo(response, "service_tier", JSON.stringNode("default"));
    echo(response, "store", JSON.booleanNode(true));
    echo(response, "temperature", JSON.numberNode(1));
    ObjectNode text = JSON.objectNode();
    text.putObject("format").put("type", "text");
    echo(response, "text", text);
    if (response.path("text").path("format").isMissingNode()) {
      response.set("text", text.setAll((ObjectNode) request.path("text")));
    }
    echo(response, "tool_choice", JSON.stringNode("auto"));
    echo(response, "tools", JSON.arrayNode());
    echo(response, "top_logprobs", JSON.numberNode(0));
    echo(response, "top_p", JSON.numberNode(1));
    echo(response, "truncation", JSON.stringNode("disabled"));
    echo(response, "user", JSON.nullNode());
  }

  private ObjectNode reasoning() {
    JsonNode asked = request.path("reasoning");
    return asked.isObject() ? (ObjectNode) asked : JSON.objectNode();
  }

  private void echo(ObjectNode response, String name, JsonNode otherwise) {
    JsonNode asked = request.path(name);
    response.set(name, asked.isMissingNode() || asked.isNull() ? otherwise : asked);
  }
}
