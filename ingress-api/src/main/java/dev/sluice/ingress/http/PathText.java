package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/// Free text as the variable part of a path.
final class PathText {
  private static final int MAX_CHARACTERS = 256;

  private PathText() {}

  /// @param what for the refusal of one that cannot be read, or is longer than such a text may be
  static String in(Call call, String what) {
    String text;
    try {
      // Of the two encodings of a space only one belongs into a path.
      text = URLDecoder.decode(call.variable().replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw absent(what);
    }
    if (text.isBlank() || text.length() > MAX_CHARACTERS) {
      throw absent(what);
    }
    return text;
  }

  static RefusedException absent(String what) {
    return new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no such " + what));
  }
}
