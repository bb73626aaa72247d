package dev.sluice.ingress.json;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// `POST /v1/uploads`.
///
/// @param bytes size of the file to be, bytes
/// @param ttlSeconds life of the file to be
public record UploadForm(
    String filename, String purpose, String mimeType, long bytes, OptionalLong ttlSeconds) {
  private static final int MAX_NAME_CHARACTERS = 512;
  private static final int MAX_PARTS = 10_000;

  /// What a caller's file may be for.
  private static final Set<String> PURPOSES =
      Set.of("assistants", "batch", "fine-tune", "vision", "user_data", "evals");

  /// @throws dev.sluice.ingress.core.RefusedException when it cannot be one
  public static UploadForm read(byte[] body) {
    Reader reader = new Reader();
    StrictJson.read(body, reader::member);
    return reader.form();
  }

  private static final class Reader {
    private String filename = "";
    private String purpose = "";
    private String mimeType = "";
    private long bytes;
    private OptionalLong ttl = OptionalLong.empty();

    void member(String name, JsonParser value) {
      switch (name) {
        case "filename" -> filename = Fields.text(value, "/filename", MAX_NAME_CHARACTERS);
        case "purpose" -> purpose = Fields.text(value, "/purpose", MAX_NAME_CHARACTERS);
        case "mime_type" -> mimeType = Fields.text(value, "/mime_type", MAX_NAME_CHARACTERS);
        case "bytes" -> bytes = Fields.whole(value, "/bytes", 1);
        case "expires_after" -> ttl = BatchForm.ttl(value, "/expires_after");
        default -> throw Fields.wrong("/" + name, "is not a member of an upload");
      }
    }

    UploadForm form() {
      if (filename.isEmpty()) {
        throw Fields.wrong("/filename", "is required");
      }
      if (bytes == 0) {
        throw Fields.wrong("/bytes", "is required");
      }
      return new UploadForm(filename, purpose(purpose), mimeType, bytes, ttl);
    }
  }

  /// A purpose, as a form field or a member says it.
  ///
  /// @throws dev.sluice.ingress.core.RefusedException when a caller's file cannot have it
  public static String purpose(String said) {
    if (!PURPOSES.contains(said)) {
      throw Fields.wrong(
          "/purpose", "must be one of " + String.join(", ", PURPOSES.stream().sorted().toList()));
    }
    return said;
  }

  /// `expires_after` as form fields say it.
  ///
  /// @throws dev.sluice.ingress.core.RefusedException when it is none
  public static OptionalLong ttl(Optional<String> anchor, Optional<String> seconds) {
    if (anchor.isEmpty() && seconds.isEmpty()) {
      return OptionalLong.empty();
    }
    if (!anchor.orElse("").equals("created_at")) {
      throw Fields.wrong("/expires_after/anchor", "must be created_at");
    }
    String digits = seconds.orElse("");
    if (!digits.matches("[0-9]{1,9}")) {
      throw Fields.wrong("/expires_after/seconds", "must be a whole number");
    }
    return OptionalLong.of(BatchForm.ttl(Long.parseLong(digits), "/expires_after/seconds"));
  }

  /// `POST /v1/uploads/{id}/complete`.
  ///
  /// @param md5 of the whole file, lower-case hex; empty when not given
  public record Completion(List<String> partIds, String md5) {
    public Completion {
      partIds = List.copyOf(partIds);
    }

    /// @throws dev.sluice.ingress.core.RefusedException when it cannot be one
    public static Completion read(byte[] body) {
      List<String> parts = new ArrayList<>();
      String[] md5 = {""};
      StrictJson.read(
          body,
          (name, value) -> {
            switch (name) {
              case "part_ids" -> partIds(value, parts);
              case "md5" -> md5[0] = Fields.isNull(value) ? "" : Fields.text(value, "/md5", 32);
              default -> throw Fields.wrong("/" + name, "is not known here");
            }
          });
      if (parts.isEmpty()) {
        throw Fields.wrong("/part_ids", "is required");
      }
      return new Completion(parts, md5[0].toLowerCase(Locale.ROOT));
    }

    private static void partIds(JsonParser value, List<String> parts) {
      if (value.currentToken() != JsonToken.START_ARRAY) {
        throw Fields.wrong("/part_ids", "must be an array of part ids");
      }
      while (value.nextToken() != JsonToken.END_ARRAY) {
        parts.add(Fields.text(value, "/part_ids/" + parts.size(), MAX_NAME_CHARACTERS));
        if (parts.size() > MAX_PARTS) {
          throw Fields.wrong("/part_ids", "has more than " + MAX_PARTS + " parts");
        }
      }
    }
  }
}
