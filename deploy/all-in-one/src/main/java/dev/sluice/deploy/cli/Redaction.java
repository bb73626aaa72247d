package dev.sluice.deploy.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Covers what looks like a secret with as many asterisks. Prompts and answers are shown, since
/// they are what an operator looks for. Pure.
final class Redaction {
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)\"[a-z0-9_-]*(?:api[_-]?key|authorization|password|secret)\"\\s*:\\s*"
              + "\"(?<member>(?:[^\"\\\\]|\\\\.)*)\""
              + "|bearer\\s+(?<bearer>[^\\s\"'\\\\]+)"
              + "|(?<key>\\bsk-[a-z0-9_-]{6,}|\\bwhsec_[a-z0-9+/=]{6,})");
  private static final String[] PARTS = {"member", "bearer", "key"};
  private static final Pattern SECRET_NAME =
      Pattern.compile("(?i)[a-z0-9_-]*(?:api[_-]?key|authorization|password|secret)");

  private Redaction() {}

  static String text(String text) {
    Matcher found = SECRET.matcher(text);
    StringBuilder covered = new StringBuilder(text);
    while (found.find()) {
      for (String part : PARTS) {
        for (int i = found.start(part); i >= 0 && i < found.end(part); i++) {
          covered.setCharAt(i, '*');
        }
      }
    }
    return covered.toString();
  }

  /// The same for bytes that may be anything.
  static byte[] bytes(ByteBuffer bytes) {
    // One character a byte, there and back.
    return text(StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString())
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /// Whether what stands under a name is a secret as a whole.
  static boolean covers(String name) {
    return SECRET_NAME.matcher(name).matches();
  }
}
