package dev.sluice.ingress.json;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// What one event of a stream says of itself: its `type`, which is also the name it is sent under,
/// and its number where the dialect numbers events. The rest is passed on as it came.
public final class PartHead {
  private static final long NONE = -1;
  private static final int MAX_TYPE_CHARACTERS = 100;

  private final byte[] event;
  private String type = "";
  private long number = NONE;
  private int start;
  private int end;

  private PartHead(byte[] event) {
    this.event = event;
  }

  /// @param numbered whether the dialect numbers its events
  public static PartHead of(ByteBuffer payload, boolean numbered) {
    byte[] bytes = new byte[payload.remaining()];
    payload.duplicate().get(bytes);
    PartHead head = new PartHead(bytes);
    try (JsonParser parser = StrictJson.parser(bytes)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        head.read(parser, numbered);
      }
    } catch (JacksonException _) {
      // What cannot be read has no name; it is passed on all the same.
      return head;
    }
    return head;
  }

  /// Reads only as far as it must: both members come first, the answer's text after them.
  private void read(JsonParser parser, boolean numbered) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken token = parser.nextToken();
      if (name.equals("type") && token == JsonToken.VALUE_STRING) {
        type = named(parser.getString());
      } else if (name.equals("sequence_number") && token == JsonToken.VALUE_NUMBER_INT) {
        number = parser.getLongValue();
        start = StrictJson.offsetOf(parser);
        end = StrictJson.endOf(parser);
      } else {
        parser.skipChildren();
      }
      if (!type.isEmpty() && (!numbered || number != NONE)) {
        return;
      }
    }
  }

  /// A name goes into a line of its own, so only plain words can be one.
  private static String named(String text) {
    boolean plain =
        text.length() <= MAX_TYPE_CHARACTERS
            && text.chars()
                .allMatch(c -> c == '.' || c == '_' || (c < 128 && Character.isLetterOrDigit(c)));
    return plain ? text : "";
  }

  /// Empty where the event has none.
  public String type() {
    return type;
  }

  /// The event as it came.
  public ByteBuffer event() {
    return ByteBuffer.wrap(event);
  }

  /// The event under another number. One that has none keeps none.
  public ByteBuffer numbered(long wanted) {
    if (number == NONE || number == wanted) {
      return event();
    }
    byte[] digits = Long.toString(wanted).getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(event.length - (end - start) + digits.length)
        .put(event, 0, start)
        .put(digits)
        .put(event, end, event.length - end)
        .flip();
  }
}
