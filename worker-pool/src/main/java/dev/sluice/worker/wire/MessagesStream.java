package dev.sluice.worker.wire;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.TokenUsage;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The events of a message of Anthropic's dialect.
final class MessagesStream implements StreamedAnswer {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final TextCount count = new TextCount();
  private final TreeMap<Integer, Block> blocks = new TreeMap<>();
  private ObjectNode message = JSON.objectNode();
  private ObjectNode counts = JSON.objectNode();
  private boolean stopped;
  private boolean over;

  /// A content block whose texts grow; they are written once.
  private static final class Block {
    final ObjectNode node;
    final Map<String, StringBuilder> texts = new java.util.LinkedHashMap<>();

    Block(ObjectNode node) {
      this.node = node;
    }

    void append(String member, String piece) {
      texts
          .computeIfAbsent(member, name -> new StringBuilder(node.path(name).asString("")))
          .append(piece);
    }

    ObjectNode whole() {
      texts.forEach((member, text) -> {
        if (member.equals("input")) {
          node.set(member, input(text.toString()));
        } else {
          node.put(member, text.toString());
        }
      });
      return node;
    }

    /// Input that the limit of tokens cut off is no JSON; what is left of it is nothing.
    private static JsonNode input(String text) {
      try {
        return text.isEmpty() ? JSON.objectNode() : JsonText.MAPPER.readTree(text);
      } catch (JacksonException e) {
        return JSON.objectNode();
      }
    }
  }

  @Override
  public JsonNode error(JsonNode event) {
    return event.path("type").asString("").equals("error")
        ? event.path("error")
        : JsonText.MAPPER.missingNode();
  }

  @Override
  public void add(JsonNode event) {
    switch (event.path("type").asString("")) {
      case "message_start" -> begin(event.path("message"));
      case "content_block_start" -> beginBlock(event);
      case "content_block_delta" -> delta(event);
      case "message_delta" -> end(event);
      case "message_stop" -> over = true;
      default -> {
        // Pings, ends of blocks, and events of later versions.
      }
    }
  }

  private void begin(JsonNode start) {
    if (start.isObject()) {
      message = (ObjectNode) start.deepCopy();
      merge(start.path("usage"));
    }
  }

  private void beginBlock(JsonNode event) {
    JsonNode block = event.path("content_block");
    if (block.isObject()) {
      blocks.put(
          event.path("index").asInt(blocks.size()), new Block((ObjectNode) block.deepCopy()));
      count.add(block.path("text").asString(""));
    }
  }

  private void delta(JsonNode event) {
    Block block = blocks.get(event.path("index").asInt(-1));
    if (block == null) {
      return;
    }
    JsonNode delta = event.path("delta");
    for (var member : delta.properties()) {
      JsonNode value = member.getValue();
      switch (member.getKey()) {
        case "type" -> {}
        case "partial_json" -> append(block, "input", value.asString(""));
        case "text", "thinking" -> append(block, member.getKey(), value.asString(""));
        case "citation" -> block.node.withArray("/citations").add(value);
        default -> block.node.set(member.getKey(), value);
      }
    }
  }

  private void append(Block block, String member, String piece) {
    count.add(piece);
    if (member.equals("input")) {
      // An empty object stands where the pieces of the input will be.
      block.texts.computeIfAbsent(member, _ -> new StringBuilder()).append(piece);
    } else {
      block.append(member, piece);
    }
  }

  private void end(JsonNode event) {
    for (var member : event.path("delta").properties()) {
      message.set(member.getKey(), member.getValue());
    }
    merge(event.path("usage"));
    stopped = stopped || event.at("/delta/stop_reason").isString();
  }

  /// The last event's counts are of the whole answer; it leaves out what has not changed.
  private void merge(JsonNode usage) {
    for (var member : usage.properties()) {
      if (!member.getValue().isNull() || !counts.has(member.getKey())) {
        counts.set(member.getKey(), member.getValue());
      }
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
    return over;
  }

  @Override
  public boolean finished() {
    return stopped;
  }

  @Override
  public Optional<TokenUsage> usage() {
    @Nullable TokenUsage told = UsageReader.ofMessages(counts).orElse(null);
    if (told == null || stopped) {
      return Optional.ofNullable(told);
    }
    Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
    tokens.putAll(told.tokens());
    tokens.remove(TokenKind.REASONING);
    tokens.put(TokenKind.OUTPUT, estimatedTokens());
    return Optional.of(new TokenUsage(tokens, TokenUsage.Source.ESTIMATED));
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
    ArrayNode content = JSON.arrayNode();
    blocks.values().forEach(block -> content.add(block.whole()));
    message.set("content", content);
    message.set("usage", counts);
    return JsonText.MAPPER.writeValueAsBytes(message);
  }
}
