package dev.sluice.ingress.json;

import java.util.Optional;

/// A request of the Responses endpoint, as far as the ingress keeps conversations: what it says
/// about itself, and its input as items. Immutable.
///
/// @param members of the request's body
public record ResponseRequest(JsonMembers members) {
  /// @param body that was found to be such a request
  public static ResponseRequest of(byte[] body) {
    return new ResponseRequest(JsonMembers.of(body));
  }

  /// Whether it runs without its caller.
  public boolean background() {
    return members.flag("background", false);
  }

  /// Whether its answer may be read and continued later.
  public boolean stored() {
    return members.flag("store", true);
  }

  /// The response it continues; empty when it begins a conversation.
  public String previous() {
    return members.text("previous_response_id");
  }

  /// Its input as the elements of an array; a bare text is a message of the user.
  public byte[] items() {
    if (members.isArray("input")) {
      return members.elements("input");
    }
    Optional<byte[]> text = members.raw("input");
    if (text.isEmpty()) {
      return new byte[0];
    }
    return new JsonOut(text.get().length + 64)
        .beginObject()
        .field("type", "message")
        .field("role", "user")
        .name("content")
        .raw(text.get())
        .endObject()
        .toBytes();
  }

  /// The body with all that was said before in front of its own input.
  ///
  /// @param earlier the request it continues, itself with all before it
  /// @param output elements of that one's output
  public byte[] continuing(ResponseRequest earlier, byte[] output) {
    byte[] before = earlier.items();
    byte[] own = items();
    JsonOut input = new JsonOut(before.length + output.length + own.length + 8).beginArray();
    for (byte[] items : new byte[][] {before, output, own}) {
      if (items.length > 0) {
        input.raw(items);
      }
    }
    return members.with("input", input.endArray().toBytes());
  }
}
