package dev.sluice.ingress.json;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import tools.jackson.core.JsonToken;

/// Takes `{"requests": [{…}, {…}]}` apart while it comes, one element at a time, bytes as they are.
/// What is left when each element is replaced by a zero is read strictly at the end, so nothing odd
/// can stand between them. Owned by one thread.
public final class RequestArray {
  private static final int ELEMENT_DEPTH = 3;
  private static final int MAX_REST_BYTES = 64 * 1024 * 1024;

  private final Elements elements;
  private final int maxElementBytes;
  private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
  private final ByteArrayOutputStream element = new ByteArrayOutputStream();
  private int depth;
  private boolean inText;
  private boolean escaped;
  private long count;

  /// Takes the elements in their order.
  public interface Elements {
    /// @param json one JSON object on one line
    void take(byte[] json) throws IOException;
  }

  public RequestArray(int maxElementBytes, Elements elements) {
    this.maxElementBytes = maxElementBytes;
    this.elements = elements;
  }

  /// The next bytes.
  ///
  /// @throws RefusedException when an element is too long
  public void feed(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      feed(bytes.get());
    }
  }

  private void feed(byte b) throws IOException {
    boolean inside = depth >= ELEMENT_DEPTH;
    if (inText) {
      inText = escaped || b != '"';
      escaped = !escaped && b == '\\';
    } else {
      switch (b) {
        case '"' -> inText = true;
        case '{', '[' -> depth++;
        case '}', ']' -> depth--;
        default -> {}
      }
    }
    if (inside || depth >= ELEMENT_DEPTH) {
      // Outside of texts a line's end is only space.
      element.write(b == '\n' || b == '\r' ? ' ' : b);
      if (element.size() > maxElementBytes) {
        throw tooLarge();
      }
      if (depth < ELEMENT_DEPTH) {
        end();
      }
    } else {
      rest.write(b);
      if (rest.size() > MAX_REST_BYTES) {
        throw tooLarge();
      }
    }
  }

  private void end() throws IOException {
    elements.take(element.toByteArray());
    element.reset();
    rest.write('0');
    count++;
  }

  private RefusedException tooLarge() {
    return new RefusedException(
        Refusal.of(
            ErrorCode.TOO_LARGE, "a request may have at most " + maxElementBytes + " bytes"));
  }

  /// Whatever stood around the elements was right.
  ///
  /// @throws RefusedException when it was not
  public void finish() {
    long[] found = {-1};
    StrictJson.read(
        rest.toByteArray(),
        (name, value) -> {
          if (!name.equals("requests") || value.currentToken() != JsonToken.START_ARRAY) {
            throw Fields.wrong("/requests", "is the one member there is, an array of objects");
          }
          found[0] = 0;
          while (value.nextToken() != JsonToken.END_ARRAY) {
            found[0]++;
            value.skipChildren();
          }
        });
    if (found[0] < 1 || found[0] != count) {
      throw Fields.wrong("/requests", "must be an array of at least one object");
    }
  }
}
