package dev.sluice.worker.wire;

import dev.sluice.worker.core.TokenUsage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The events of a response. The last one carries all of it.
final class ResponsesStream implements StreamedAnswer {
  private final TextCount count = new TextCount();
  private @Nullable JsonNode response;

  @Override
  public JsonNode error(JsonNode event) {
    return switch (event.path("type").asString("")) {
      case "error" -> event.path("error").isObject() ? event.path("error") : event;
      case "response.failed" -> {
        JsonNode error = event.at("/response/error");
        yield error.isObject() ? error : event;
      }
      default -> JsonText.MAPPER.missingNode();
    };
  }

  @Override
  public void add(JsonNode event) {
    switch (event.path("type").asString("")) {
      case "response.completed", "response.incomplete" -> response = event.path("response");
      default -> count.add(event.path("delta").asString(""));
    }
  }

  @Override
  public boolean shown(JsonNode event) {
    return true;
  }

  @Override
  public void closed() {
    // A gateway's habit; this dialect has an end of its own.
  }

  @Override
  public boolean over() {
    return response != null;
  }

  @Override
  public boolean finished() {
    return response != null;
  }

  @Override
  public Optional<TokenUsage> usage() {
    return response == null ? Optional.empty() : UsageReader.ofResponses(response.path("usage"));
  }

  @Override
  public long textSize() {
    return count.size();
  }

  @Override
  public long estimatedTokens() {
    return count.estimatedTokens();
  }

  @Override
  public byte[] body() {
    if (response == null) {
      throw new IllegalStateException("the response has not ended");
    }
    return JsonText.MAPPER.writeValueAsBytes(response);
  }
}
