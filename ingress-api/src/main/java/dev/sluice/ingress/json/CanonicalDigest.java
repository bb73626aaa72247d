package dev.sluice.ingress.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The digest of a request by what it says: the same for two bodies that differ in nothing but
/// white space, the order of members and the notation of strings. Numbers count as they are
/// written, and a member that is null is not one that is absent.
public final class CanonicalDigest {
  private static final int BYTES = 16;

  private CanonicalDigest() {}

  /// @param body one JSON object, read before without complaint
  /// @param headers that the provider is sent with it
  public static ByteBuffer of(String endpoint, byte[] body, Map<String, String> headers) {
    MessageDigest all = sha256();
    add(all, endpoint);
    new TreeMap<>(headers)
        .forEach((name, value) -> {
          add(all, name);
          add(all, value);
        });
    try (JsonParser parser = StrictJson.parser(body)) {
      parser.nextToken();
      all.update(value(parser));
    }
    return ByteBuffer.wrap(all.digest(), 0, BYTES);
  }

  private static byte[] value(JsonParser parser) {
    MessageDigest digest = sha256();
    JsonToken token = parser.currentToken();
    switch (token) {
      case START_OBJECT -> {
        Map<String, byte[]> members = new TreeMap<>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
          parser.nextToken();
          members.put(name, value(parser));
        }
        digest.update((byte) '{');
        members.forEach((name, member) -> {
          add(digest, name);
          digest.update(member);
        });
      }
      case START_ARRAY -> {
        digest.update((byte) '[');
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          digest.update(value(parser));
        }
      }
      case VALUE_STRING -> {
        digest.update((byte) '"');
        add(digest, parser.getString());
      }
      default -> {
        digest.update((byte) '=');
        add(digest, parser.getString());
      }
    }
    return digest.digest();
  }

  /// With its length, so that parts cut elsewhere are other parts.
  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    digest.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
