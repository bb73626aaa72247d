package dev.sluice.worker.wire;

import dev.sluice.worker.core.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/// Turns the caller's body into the one that goes upstream. Only the model's name, the streaming
/// members and a default of output tokens are edited; every other byte passes as it came.
public final class RequestEdit {
  private static final byte[] TRUE = "true".getBytes(StandardCharsets.UTF_8);
  private static final byte[] FALSE = "false".getBytes(StandardCharsets.UTF_8);
  private static final byte[] NULL = "null".getBytes(StandardCharsets.UTF_8);
  private static final byte[] ASK_USAGE =
      "{\"include_usage\":true}".getBytes(StandardCharsets.UTF_8);

  private RequestEdit() {}

  /// What goes upstream, and what the caller asked for.
  ///
  /// @param wantsUsageChunk whether the caller asked for the extra usage chunk of a stream
  // Bodies pass as bytes; nobody compares two of these.
  @SuppressWarnings("ArrayRecordComponent")
  public record Upstream(byte[] body, boolean wantsUsageChunk) {}

  /// The edits of one call.
  ///
  /// @param endpoint what the body is a request of
  /// @param model name at the provider; `*` keeps the caller's own
  /// @param stream whether the answer is wanted as a stream
  /// @param maxTokensField name of the output limit that the upstream understands
  /// @param defaultMaxTokens limit to send when the body names none, tokens
  public record Edits(
      Endpoint endpoint,
      String model,
      boolean stream,
      String maxTokensField,
      OptionalInt defaultMaxTokens) {}

  /// @throws IllegalArgumentException when the body is not a JSON object
  public static Upstream apply(byte[] body, Edits wanted) {
    JsonMembers members = JsonMembers.of(body);
    Map<String, byte[]> edits = new LinkedHashMap<>();
    if (!wanted.model.equals("*")) {
      edits.put("model", JsonText.quote(wanted.model));
    }
    boolean wantsUsage = false;
    if (wanted.stream) {
      if (!members.is("stream", "true")) {
        edits.put("stream", TRUE);
      }
      // The other dialects tell the usage of every stream.
      if (wanted.endpoint == Endpoint.CHAT || wanted.endpoint == Endpoint.COMPLETIONS) {
        wantsUsage = editStreamOptions(members, edits);
      }
    } else if (members.is("stream", "true")) {
      edits.put("stream", FALSE);
    }
    if (wanted.endpoint == Endpoint.RESPONSES) {
      editResponse(members, edits);
    }
    if (wanted.defaultMaxTokens.isPresent()
        && wanted.endpoint.generates()
        && !limitsOutput(members)) {
      edits.put(
          wanted.maxTokensField,
          Integer.toString(wanted.defaultMaxTokens.getAsInt()).getBytes(StandardCharsets.UTF_8));
    }
    return new Upstream(members.with(edits), wantsUsage);
  }

  private static void editResponse(JsonMembers members, Map<String, byte[]> edits) {
    if (members.is("background", "true")) {
      // The job itself is what runs in the background; the call has to bring the answer.
      edits.put("background", FALSE);
    }
    if (names(members, "previous_response_id")) {
      // It names a job, which the vendor does not know; what that said is in the input by now.
      edits.put("previous_response_id", NULL);
    }
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
    return names(members, "max_tokens")
        || names(members, "max_completion_tokens")
        || names(members, "max_output_tokens");
  }

  private static boolean names(JsonMembers members, String field) {
    return members.find(field).isPresent() && !members.is(field, "null");
  }
}
