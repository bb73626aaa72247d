package dev.sluice.deploy.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Reads server-sent events one by one. Of the format it keeps `id`, `event` and `data`; comments,
/// which keep the connection alive, are skipped.
final class EventStream implements AutoCloseable {

  /// @param id of the last event that had one
  record Event(String id, String name, String data) {}

  private final BufferedReader lines;
  private String lastId = "";

  EventStream(InputStream body) {
    this.lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  /// The next event; empty when the server has ended the stream.
  Optional<Event> next() throws IOException {
    String name = "message";
    StringBuilder data = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          return Optional.of(new Event(lastId, name, data.substring(1)));
        }
        name = "message";
      }
      int colon = line.indexOf(':');
      String field = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? "" : line.substring(colon + 1).replaceFirst("^ ", "");
      switch (field) {
        case "id" -> lastId = value;
        case "event" -> name = value;
        case "data" -> data.append('\n').append(value);
        default -> {
          // A comment, or a field that does not concern us.
        }
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
