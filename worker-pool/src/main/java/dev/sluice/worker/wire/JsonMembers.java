package dev.sluice.worker.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The top-level members of a JSON object as spans of its bytes, so that some can be replaced while
/// every other byte stays as it came: order, spacing, number spelling, repeated and unknown names.
///
/// The text must be valid JSON; of invalid text it says so or finds fewer members, but never reads
/// outside it.
public final class JsonMembers {

  /// One member.
  ///
  /// @param name decoded name
  /// @param valueStart first byte of the value
  /// @param valueEnd byte after the value
  public record Member(String name, int valueStart, int valueEnd) {}

  private final byte[] json;
  private final List<Member> members = new ArrayList<>();
  private final int objectStart;
  private int at;

  private JsonMembers(byte[] json) {
    this.json = json;
    skipSpace();
    expect('{');
    this.objectStart = at;
    scan();
  }

  /// Finds the members.
  ///
  /// @throws IllegalArgumentException when the text is not a JSON object
  public static JsonMembers of(byte[] json) {
    return new JsonMembers(json);
  }

  /// The last member of a name, which is the one that readers obey.
  public Optional<Member> find(String name) {
    Member found = null;
    for (Member member : members) {
      if (member.name.equals(name)) {
        found = member;
      }
    }
    return Optional.ofNullable(found);
  }

  /// Bytes of a member's value.
  public byte[] value(Member member) {
    return java.util.Arrays.copyOfRange(json, member.valueStart, member.valueEnd);
  }

  /// Whether a member is there with exactly this literal, such as `true`.
  public boolean is(String name, String literal) {
    return find(name)
        .map(member -> new String(value(member), StandardCharsets.UTF_8).equals(literal))
        .orElse(false);
  }

  /// The object with some values replaced. A name that is not there is added at the front; every
  /// occurrence of a repeated name is replaced.
  ///
  /// @param values new values as JSON text, by name
  public byte[] with(Map<String, byte[]> values) {
    if (values.isEmpty()) {
      return json;
    }
    Map<String, byte[]> missing = new LinkedHashMap<>(values);
    members.forEach(member -> missing.remove(member.name));
    ByteArrayOutputStream out = new ByteArrayOutputStream(json.length + 128);
    out.write(json, 0, objectStart);
    int left = missing.size();
    for (Map.Entry<String, byte[]> entry : missing.entrySet()) {
      out.writeBytes(('"' + entry.getKey() + "\":").getBytes(StandardCharsets.UTF_8));
      out.writeBytes(entry.getValue());
      if (--left > 0 || !members.isEmpty()) {
        out.write(',');
      }
    }
    int copied = objectStart;
    for (Member member : members) {
      byte[] value = values.get(member.name);
      if (value != null) {
        out.write(json, copied, member.valueStart - copied);
        out.writeBytes(value);
        copied = member.valueEnd;
      }
    }
    out.write(json, copied, json.length - copied);
    return out.toByteArray();
  }

  private void scan() {
    skipSpace();
    if (peek() == '}') {
      return;
    }
    while (true) {
      skipSpace();
      int nameStart = at;
      skipString();
      String name = decode(nameStart + 1, at - 1);
      skipSpace();
      expect(':');
      skipSpace();
      int valueStart = at;
      skipValue();
      members.add(new Member(name, valueStart, at));
      skipSpace();
      if (peek() == '}') {
        return;
      }
      expect(',');
    }
  }

  private void skipValue() {
    switch (peek()) {
      case '"' -> skipString();
      case '{', '[' -> skipNested();
      default -> skipScalar();
    }
  }

  private void skipNested() {
    int depth = 0;
    do {
      byte b = peek();
      if (b == '"') {
        skipString();
        continue;
      }
      if (b == '{' || b == '[') {
        depth++;
      } else if (b == '}' || b == ']') {
        depth--;
      }
      at++;
    } while (depth > 0);
  }

  private void skipScalar() {
    int start = at;
    while (at < json.length && ",}] \t\r\n".indexOf(json[at]) < 0) {
      at++;
    }
    if (at == start) {
      throw unexpected();
    }
  }

  private void skipString() {
    expect('"');
    while (peek() != '"') {
      at += json[at] == '\\' ? 2 : 1;
    }
    at++;
  }

  private void skipSpace() {
    while (at < json.length && " \t\r\n".indexOf(json[at]) >= 0) {
      at++;
    }
  }

  private byte peek() {
    if (at >= json.length) {
      throw new IllegalArgumentException("JSON ends early");
    }
    return json[at];
  }

  private void expect(char c) {
    if (peek() != c) {
      throw unexpected();
    }
    at++;
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException("not a JSON object, at byte " + at);
  }

  private String decode(int start, int end) {
    String raw = new String(json, start, end - start, StandardCharsets.UTF_8);
    return raw.indexOf('\\') < 0 ? raw : JsonText.MAPPER.readValue('"' + raw + '"', String.class);
  }
}
