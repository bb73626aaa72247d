package dev.sluice.worker.wire;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Turns the caller's body into the one that goes upstream. Only the model's name, the streaming
/// members and a default of output tokens are edited; every other byte passes as it came.
public final class RequestEdit {
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.UTF_8);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ASK_USAGE =
      "{\"include_usage\":true}".getBytes(StandardCharsets.UTF_8);

  private RequestEdit() {}

  /// What goes upstream, and what the caller asked for.
  ///
  /// @param wantsUsageChunk whether the caller asked for the extra usage chunk of a stream
  // Bodies pass as bytes; nobody compares two of these.
  @SuppressWarnings("ArrayRecordComponent")
  public record Upstream(byte[] body, boolean wantsUsageChunk) {}

  /// @param model name at the provider; `*` keeps the caller's own
  /// @param stream whether the answer is wanted as a stream
  /// @param maxTokensField name of the output limit that the upstream understands
  /// @param defaultMaxTokens limit to send when the body names none, tokens
  /// @throws IllegalArgumentException when the body is not a JSON object
  public static Upstream apply(
      byte[] body,
      String model,
      boolean stream,
      String maxTokensField,
      OptionalInt defaultMaxTokens) {
    JsonMembers members = JsonMembers.of(body);
    Map<String, byte[]> edits = new LinkedHashMap<>();
    if (!model.equals("*")) {
      edits.put("model", JsonText.quote(model));
    }
    boolean wantsUsage = false;
    if (stream) {
      if (!members.is("stream", "true")) {
        edits.put("stream", TRUE);
      }
      wantsUsage = editStreamOptions(members, edits);
    } else if (members.is("stream", "true")) {
      edits.put("stream", FALSE);
    }
    if (defaultMaxTokens.isPresent() && !limitsOutput(members)) {
      edits.put(
          maxTokensField,
          Integer.toString(defaultMaxTokens.getAsInt()).getBytes(StandardCharsets.UTF_8));
    }
    return new Upstream(members.with(edits), wantsUsage);
  }

  private static boolean editStreamOptions(JsonMembers members, Map<String, byte[]> edits) {
    var options = members.find("stream_options");
    if (options.isEmpty() || members.is("stream_options", "null")) {
      edits.put("stream_options", ASK_USAGE);
      return false;
    }
    byte[] value = members.value(options.get());
    JsonMembers inner = JsonMembers.of(value);
    if (inner.is("include_usage", "true")) {
      return true;
    }
    edits.put("stream_options", inner.with(Map.of("include_usage", TRUE)));
    return false;
  }

  private static boolean limitsOutput(JsonMembers members) {
    return names(members, "max_tokens") || names(members, "max_completion_tokens");
  }

  private static boolean names(JsonMembers members, String field) {
    return members.find(field).isPresent() && !members.is(field, "null");
  }
}
