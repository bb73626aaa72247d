package dev.sluice.ingress.json;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A response object of a job that has no answer, or none yet: what was asked, and how it stands.
/// Immutable.
///
/// @param id `resp_…`
/// @param model as the caller named it
/// @param metadata for a request that is no longer kept
/// @param request empty when the log no longer has it
public record ResponseJson(
    String id,
    Instant createdAt,
    String model,
    Map<String, String> metadata,
    Optional<ResponseRequest> request) {

  /// Members that are shown as they were asked, each with what the vendor shows where it was not.
  private static final String[][] ECHOED = {
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"max_tool_calls", "null"},
    {"parallel_tool_calls", "true"},
    {"previous_response_id", "null"},
    {"prompt", "null"},
    {"prompt_cache_key", "null"},
    {"reasoning", "{\"effort\":null,\"summary\":null}"},
    {"safety_identifier", "null"},
    {"service_tier", "\"auto\""},
    {"store", "true"},
    {"temperature", "1.0"},
    {"text", "{\"format\":{\"type\":\"text\"}}"},
    {"tool_choice", "\"auto\""},
    {"tools", "[]"},
    {"top_logprobs", "0"},
    {"top_p", "1.0"},
    {"truncation", "\"disabled\""},
    {"user", "null"},
  };

  /// Why there is no answer.
  ///
  /// @param code of those the vendor documents
  /// @param type the code that tells more
  public record Failure(String code, String type, String message) {}

  public boolean background() {
    return request.map(ResponseRequest::background).orElse(true);
  }

  /// @param status as the vendor names it
  public byte[] standing(String status) {
    return written(status, Optional.empty());
  }

  public byte[] failed(Failure failure) {
    return written("failed", Optional.of(failure));
  }

  private byte[] written(String status, Optional<Failure> failure) {
    JsonOut out = new JsonOut(1_024);
    out.beginObject()
        .field("id", id)
        .field("object", "response")
        .field("created_at", createdAt.getEpochSecond())
        .field("status", status)
        .field("background", background())
        .nullField("completed_at")
        .name("error");
    failure.ifPresentOrElse(
        known ->
            out.beginObject()
                .field("code", known.code())
                .field("message", known.message())
                .field("type", known.type())
                .nullField("param")
                .endObject(),
        out::nothing);
    out.nullField("incomplete_details")
        .field("model", model)
        .name("output")
        .beginArray()
        .endArray();
    for (String[] member : ECHOED) {
      out.name(member[0]).raw(said(member[0]).orElseGet(() -> JsonOut.utf8(member[1])));
    }
    out.nullField("usage").name("metadata");
    said("metadata").ifPresentOrElse(out::raw, () -> metadata(out));
    return out.endObject().toBytes();
  }

  private void metadata(JsonOut out) {
    out.beginObject();
    if (request.isEmpty()) {
      metadata.forEach(out::field);
    }
    out.endObject();
  }

  private Optional<byte[]> said(String member) {
    return request.flatMap(known -> known.members().raw(member));
  }
}
