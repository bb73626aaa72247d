package dev.sluice.ingress.json;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The members of one JSON object as the bytes they came in, so that they can be shown again or
/// sent on without reading and writing them anew. Immutable.
public final class JsonMembers {
  private final byte[] source;
  private final Map<String, Range> ranges = new LinkedHashMap<>();

  /// Bytes from `start` to before `end`.
  private record Range(int start, int end) {}

  private JsonMembers(byte[] source) {
    this.source = source;
  }

  /// @throws dev.sluice.ingress.core.RefusedException when it is not exactly one strict object
  public static JsonMembers of(byte[] object) {
    JsonMembers members = new JsonMembers(object);
    StrictJson.read(
        object,
        (name, value) -> {
          int start = StrictJson.offsetOf(value);
          value.skipChildren();
          members.ranges.put(name, new Range(start, StrictJson.endOf(value)));
        });
    return members;
  }

  /// The value as it came; empty where there is none, or null.
  public Optional<byte[]> raw(String name) {
    Range range = ranges.get(name);
    if (range == null || source[range.start()] == 'n') {
      return Optional.empty();
    }
    return Optional.of(Arrays.copyOfRange(source, range.start(), range.end()));
  }

  /// A text without its quotes; empty where there is none, or something else.
  public String text(String name) {
    Range range = ranges.get(name);
    if (range == null || source[range.start()] != '"') {
      return "";
    }
    return StrictJson.text(source, range.start(), range.end() - range.start());
  }

  /// A flag, or what it means where it is not set.
  public boolean flag(String name, boolean unset) {
    Range range = ranges.get(name);
    if (range == null || source[range.start()] == 'n') {
      return unset;
    }
    return source[range.start()] == 't';
  }

  /// The elements of an array between its brackets, as they came; empty where there are none.
  public byte[] elements(String name) {
    Range range = ranges.get(name);
    if (range == null || source[range.start()] != '[') {
      return new byte[0];
    }
    int start = range.start() + 1;
    int end = range.end() - 1;
    while (start < end && source[start] <= ' ') {
      start++;
    }
    return Arrays.copyOfRange(source, start, end);
  }

  /// The same object with one member replaced, or added at its end.
  public byte[] with(String name, byte[] value) {
    JsonOut out = new JsonOut(source.length + value.length + name.length() + 8);
    out.beginObject();
    ranges.forEach((known, range) -> {
      if (!known.equals(name)) {
        out.name(known).raw(Arrays.copyOfRange(source, range.start(), range.end()));
      }
    });
    return out.name(name).raw(value).endObject().toBytes();
  }

  /// Whether the value is an array.
  public boolean isArray(String name) {
    Range range = ranges.get(name);
    return range != null && source[range.start()] == '[';
  }
}
