package dev.sluice.ingress.core;

import dev.sluice.contract.model.ErrorCode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Why a request is not served. Never repeats what the caller sent.
///
/// @param message what is wrong and what to do
/// @param pointer JSON pointer of the field at fault, such as `/messages`; empty when none is
/// @param retryAfter when to come again; zero for no advice
public record Refusal(ErrorCode code, String message, String pointer, Duration retryAfter) {

  /// The path of a field that a message begins with, such as `tools[0].type: must be function`.
  private static final Pattern NAMED =
      Pattern.compile("([A-Za-z_]\\w*(?:[.]\\w+|\\[\\d+\\])*): .*", Pattern.DOTALL);

  public static Refusal of(ErrorCode code, String message) {
    return new Refusal(code, message, "", Duration.ZERO);
  }

  /// A field of the body that has the wrong form.
  public static Refusal field(String pointer, String message) {
    return new Refusal(ErrorCode.SCHEMA_VIOLATION, message, pointer, Duration.ZERO);
  }

  public static Refusal unavailable(String message) {
    return new Refusal(ErrorCode.UNAVAILABLE, message, "", Duration.ofSeconds(2));
  }

  /// Pointer of the field that a message begins with; empty where it begins with none.
  public static String pointerIn(String message) {
    Matcher named = NAMED.matcher(message);
    return named.matches()
        ? "/" + named.group(1).replace('.', '/').replace("[", "/").replace("]", "")
        : "";
  }

  /// The field as the vendors name it: `/messages/0` is `messages[0]`.
  public String param() {
    StringBuilder name = new StringBuilder();
    for (String part : pointer.split("/", -1)) {
      if (part.isEmpty()) {
        continue;
      }
      if (Character.isDigit(part.charAt(0))) {
        name.append('[').append(part).append(']');
      } else {
        name.append(name.isEmpty() ? "" : ".").append(part);
      }
    }
    return name.toString();
  }
}
