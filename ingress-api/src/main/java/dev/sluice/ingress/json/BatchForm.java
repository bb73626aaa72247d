package dev.sluice.ingress.json;

import dev.sluice.ingress.core.batch.CompletionWindow;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// `POST /v1/batches`.
///
/// @param windowText the completion window as the caller wrote it
/// @param outputTtlSeconds life of the output files
public record BatchForm(
    String inputFileId,
    String endpoint,
    String windowText,
    Duration window,
    Map<String, String> metadata,
    OptionalLong outputTtlSeconds) {
  private static final int MAX_ID_CHARACTERS = 128;
  private static final long LONGEST_TTL_SECONDS = 30L * 24 * 3_600;

  public BatchForm {
    metadata = Map.copyOf(metadata);
  }

  /// @throws dev.sluice.ingress.core.RefusedException when it cannot be one
  public static BatchForm read(byte[] body) {
    Reader reader = new Reader();
    StrictJson.read(body, reader::member);
    return reader.form();
  }

  private static final class Reader {
    private String inputFileId = "";
    private String endpoint = "";
    private String windowText = "";
    private Map<String, String> metadata = Map.of();
    private OptionalLong ttl = OptionalLong.empty();

    void member(String name, JsonParser value) {
      switch (name) {
        case "input_file_id" ->
            inputFileId = Fields.text(value, "/input_file_id", MAX_ID_CHARACTERS);
        case "endpoint" -> endpoint = Fields.text(value, "/endpoint", MAX_ID_CHARACTERS);
        case "completion_window" ->
            windowText = Fields.text(value, "/completion_window", MAX_ID_CHARACTERS);
        case "metadata" ->
            metadata = Fields.isNull(value) ? Map.of() : Fields.tags(value, "/metadata");
        case "output_expires_after" -> ttl = ttl(value, "/output_expires_after");
        default -> throw Fields.wrong("/" + name, "is not a member of a batch");
      }
    }

    BatchForm form() {
      if (inputFileId.isEmpty()) {
        throw Fields.wrong("/input_file_id", "is required");
      }
      if (!Endpoints.ALL.contains(endpoint) || Endpoints.isAnthropic(endpoint)) {
        throw Fields.wrong("/endpoint", "must be one that is served, such as " + Endpoints.CHAT);
      }
      Duration window =
          CompletionWindow.parse(windowText)
              .orElseThrow(() ->
                  Fields.wrong(
                      "/completion_window", "must be such as 24h: seconds to days, up to 7d"));
      return new BatchForm(inputFileId, endpoint, windowText, window, metadata, ttl);
    }
  }

  /// `expires_after` of files and their kind: `{"anchor": "created_at", "seconds": n}`.
  static OptionalLong ttl(JsonParser value, String pointer) {
    if (Fields.isNull(value)) {
      return OptionalLong.empty();
    }
    if (value.currentToken() != JsonToken.START_OBJECT) {
      throw Fields.wrong(pointer, "must be an object");
    }
    long seconds = 0;
    for (String name = value.nextName(); name != null; name = value.nextName()) {
      value.nextToken();
      switch (name) {
        case "anchor" -> {
          if (!Fields.text(value, pointer + "/anchor", MAX_ID_CHARACTERS).equals("created_at")) {
            throw Fields.wrong(pointer + "/anchor", "must be created_at");
          }
        }
        case "seconds" -> seconds = Fields.whole(value, pointer + "/seconds", 1);
        default -> throw Fields.wrong(pointer + "/" + name, "is not known here");
      }
    }
    return OptionalLong.of(ttl(seconds, pointer + "/seconds"));
  }

  /// A life in seconds, 1 second to 30 days.
  static long ttl(long seconds, String pointer) {
    if (seconds < 1 || seconds > LONGEST_TTL_SECONDS) {
      throw Fields.wrong(pointer, "must be from 1 to " + LONGEST_TTL_SECONDS);
    }
    return seconds;
  }
}
