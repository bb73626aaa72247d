package dev.sluice.ingress.json;

import dev.sluice.ingress.core.RefusedException;
import java.nio.ByteBuffer;
import tools.jackson.core.JsonToken;

/// Reads from a response object whether it is complete.
public final class ResponseStatus {

  private ResponseStatus() {}

  /// Whether it says `"status": "incomplete"`; what cannot be read does not.
  public static boolean isIncomplete(ByteBuffer response) {
    byte[] bytes = new byte[response.remaining()];
    response.duplicate().get(bytes);
    boolean[] incomplete = {false};
    try {
      StrictJson.read(
          bytes,
          (name, value) -> {
            if (name.equals("status") && value.currentToken() == JsonToken.VALUE_STRING) {
              incomplete[0] = value.getString().equals("incomplete");
            }
            value.skipChildren();
          });
    } catch (RefusedException e) {
      return false;
    }
    return incomplete[0];
  }
}
