package dev.sluice.worker.provider;

import java.util.OptionalInt;

/// One call to make.
///
/// @param endpoint path on the OpenAI surface, such as `/v1/chat/completions`
/// @param model name at the provider; `*` keeps the one in the body
/// @param body the caller's body, UTF-8 JSON; not modified
/// @param stream whether the answer is wanted in chunks
/// @param defaultMaxTokens limit of output to send when the body names none, tokens
// Bodies pass as bytes; nobody compares two of these.
@SuppressWarnings("ArrayRecordComponent")
public record ProviderRequest(
    String endpoint, String model, byte[] body, boolean stream, OptionalInt defaultMaxTokens) {

  public boolean chat() {
    return endpoint.endsWith("/chat/completions");
  }

  public boolean embeddings() {
    return endpoint.endsWith("/embeddings");
  }
}
