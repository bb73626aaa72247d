package dev.sluice.worker.wire;

import dev.sluice.worker.core.TokenUsage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The chunks of a chat or a completion. Its end is `[DONE]`, which is no event.
final class ChatStream implements StreamedAnswer {
  private final boolean wantsUsageChunk;
  private final StreamAssembler assembler = new StreamAssembler();
  private @Nullable TokenUsage usage;
  private boolean closed;

  ChatStream(boolean wantsUsageChunk) {
    this.wantsUsageChunk = wantsUsageChunk;
  }

  @Override
  public JsonNode error(JsonNode event) {
    return event.path("error");
  }

  @Override
  public void add(JsonNode event) {
    UsageReader.read(event.path("usage")).ifPresent(counts -> usage = counts);
    assembler.add(event);
  }

  /// Hides the extra chunk that exists only since usage was asked for.
  @Override
  public boolean shown(JsonNode event) {
    if (wantsUsageChunk) {
      return true;
    }
    JsonNode choices = event.path("choices");
    return !(choices.isArray() && choices.isEmpty() && event.path("usage").isObject());
  }

  @Override
  public void closed() {
    closed = true;
  }

  @Override
  public boolean over() {
    return closed;
  }

  @Override
  public boolean finished() {
    return assembler.finished();
  }

  @Override
  public Optional<TokenUsage> usage() {
    return Optional.ofNullable(usage);
  }

  @Override
  public long textSize() {
    return assembler.textSize();
  }

  @Override
  public long estimatedTokens() {
    return assembler.estimatedTokens();
  }

  @Override
  public byte[] body() {
    return assembler.body();
  }
}
