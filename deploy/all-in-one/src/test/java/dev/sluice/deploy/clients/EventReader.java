package dev.sluice.deploy.clients;

import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/// Reads server-sent events on a thread of its own until the stream ends or breaks off.
final class EventReader {
  private final HttpResponse<Stream<String>> answer;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Boolean> broken = new CompletableFuture<>();

  /// One event; what it does not have is empty.
  record Event(String id, String name, String data) {
    int number() {
      return Integer.parseInt(id);
    }
  }

  private EventReader(HttpResponse<Stream<String>> answer) {
    this.answer = answer;
  }

  static EventReader open(KillClient client, HttpRequest request) throws Exception {
    EventReader reader = new EventReader(client.http().send(request, BodyHandlers.ofLines()));
    Thread.ofVirtual().start(reader::read);
    return reader;
  }

  /// What has come so far.
  List<Event> events() {
    return events;
  }

  String header(String name) {
    return answer.headers().firstValue(name).orElseThrow();
  }

  /// Waits for the end.
  ///
  /// @return whether the connection broke instead of ending in good order
  boolean broke() {
    return broken.join();
  }

  private void read() {
    List<String> lines = new ArrayList<>();
    try (Stream<String> body = answer.body()) {
      body.forEach(line -> {
        if (line.isEmpty()) {
          take(lines);
          lines.clear();
        } else {
          lines.add(line);
        }
      });
      broken.complete(false);
    } catch (UncheckedIOException _) {
      broken.complete(true);
    }
  }

  private void take(List<String> lines) {
    String data = field(lines, "data: ");
    if (!data.isEmpty()) {
      events.add(new Event(field(lines, "id: "), field(lines, "event: "), data));
    }
  }

  private static String field(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()))
        .findFirst()
        .orElse("");
  }
}
