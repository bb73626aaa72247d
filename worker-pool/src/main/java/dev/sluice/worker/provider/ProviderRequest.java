package dev.sluice.worker.provider;

import dev.sluice.worker.core.Endpoint;
import java.util.Map;
import java.util.OptionalInt;

/// One call to make.
///
/// @param endpoint what the body is a request of
/// @param model name at the provider; `*` keeps the one in the body
/// @param body UTF-8 JSON; not modified
/// @param stream whether the answer is wanted in chunks
/// @param defaultMaxTokens limit of output to send when the body names none, tokens
/// @param jobId text form of the job's id, from which ids in the answer are made
/// @param headers request headers of the caller's dialect, names in lower case
// Bodies pass as bytes; nobody compares two of these.
@SuppressWarnings("ArrayRecordComponent")
public record ProviderRequest(
    Endpoint endpoint,
    String model,
    byte[] body,
    boolean stream,
    OptionalInt defaultMaxTokens,
    String jobId,
    Map<String, String> headers) {

  public ProviderRequest {
    headers = Map.copyOf(headers);
  }

  /// The same call in another dialect, in which the caller's headers mean nothing.
  public ProviderRequest as(Endpoint other, byte[] translated) {
    return new ProviderRequest(other, model, translated, stream, defaultMaxTokens, jobId, Map.of());
  }
}
