package dev.sluice.ledgercheck.client;

import java.util.function.BiConsumer;

/// Puts the lines of a server-sent event stream together to events.
///
/// Used by one thread.
final class EventLines implements SluiceHttp.LineReader {
  private final BiConsumer<String, String> events;
  private String name = "";
  private final StringBuilder data = new StringBuilder();

  /// @param events takes the name, `message` where none is given, and the data
  EventLines(BiConsumer<String, String> events) {
    this.events = events;
  }

  @Override
  public void line(String line) {
    if (line.isEmpty()) {
      if (!data.isEmpty()) {
        events.accept(name.isEmpty() ? "message" : name, data.toString());
      }
      name = "";
      data.setLength(0);
    } else if (line.startsWith("event:")) {
      name = line.substring("event:".length()).strip();
    } else if (line.startsWith("data:")) {
      data.append(data.isEmpty() ? "" : "\n").append(line.substring("data:".length()).strip());
    }
  }
}
