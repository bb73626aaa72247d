package dev.sluice.worker.wire;

import java.io.ByteArrayOutputStream;

/// Splits a `text/event-stream` into the data of its events, over bytes: lines end with LF, CR or
/// CRLF, a BOM may begin the stream, several data lines are joined by LF, comments and unknown
/// fields are passed over. An event that the stream's end cuts off is not reported, as the standard
/// wants. Pieces may be cut anywhere.
///
/// Not safe for use by several threads.
public final class EventStreamParser {
  private static final byte[] DATA = {'d', 'a', 't', 'a'};
  private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final Sink sink;
  private final int maxEventBytes;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
  private final ByteArrayOutputStream data = new ByteArrayOutputStream(1024);
  private boolean hasData;
  private boolean afterCarriageReturn;
  private boolean firstLine = true;

  /// Takes the data of one event, byte for byte. Answers whether to go on.
  @FunctionalInterface
  public interface Sink {
    boolean event(byte[] data);
  }

  /// @param maxEventBytes longest line and longest data of an event
  public EventStreamParser(int maxEventBytes, Sink sink) {
    this.maxEventBytes = maxEventBytes;
    this.sink = sink;
  }

  /// Takes the next piece. Answers false as soon as the sink wants no more.
  ///
  /// @throws TooLargeException when an event is larger than allowed
  public boolean feed(byte[] bytes, int offset, int length) throws TooLargeException {
    int start = offset;
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      byte b = bytes[i];
      if (b == '\n' && afterCarriageReturn) {
        afterCarriageReturn = false;
        start = i + 1;
      } else if (b == '\n' || b == '\r') {
        append(bytes, start, i);
        start = i + 1;
        afterCarriageReturn = b == '\r';
        if (!endLine()) {
          return false;
        }
      } else {
        afterCarriageReturn = false;
      }
    }
    append(bytes, start, end);
    return true;
  }

  private void append(byte[] bytes, int start, int end) throws TooLargeException {
    if (line.size() + (end - start) > maxEventBytes) {
      throw new TooLargeException("an event of the stream", maxEventBytes);
    }
    line.write(bytes, start, end - start);
  }

  private boolean endLine() throws TooLargeException {
    byte[] bytes = line.toByteArray();
    line.reset();
    int start = firstLine && startsWith(bytes, BOM) ? BOM.length : 0;
    firstLine = false;
    if (start == bytes.length) {
      return dispatch();
    }
    field(bytes, start);
    return true;
  }

  private boolean dispatch() {
    if (!hasData) {
      return true;
    }
    byte[] event = data.toByteArray();
    data.reset();
    hasData = false;
    return sink.event(event);
  }

  private void field(byte[] bytes, int start) throws TooLargeException {
    int nameEnd = start;
    while (nameEnd < bytes.length && bytes[nameEnd] != ':') {
      nameEnd++;
    }
    boolean isData = java.util.Arrays.equals(bytes, start, nameEnd, DATA, 0, DATA.length);
    if (!isData) {
      return;
    }
    int valueStart = Math.min(nameEnd + 1, bytes.length);
    if (valueStart < bytes.length && bytes[valueStart] == ' ') {
      valueStart++;
    }
    if (hasData) {
      data.write('\n');
    }
    hasData = true;
    if (data.size() + bytes.length - valueStart > maxEventBytes) {
      throw new TooLargeException("an event of the stream", maxEventBytes);
    }
    data.write(bytes, valueStart, bytes.length - valueStart);
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && java.util.Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
