package dev.sluice.worker.exchange;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// The body of an answer, read piece by piece; each piece tells the watchdog that the provider is
/// not silent. Not safe for use by several threads.
final class AnswerBody {
  private final HttpResponse<InputStream> response;
  private final Watchdog.Watch watch;
  private final Runnable onFirstByte;
  private Duration idle;
  private boolean begun;

  AnswerBody(
      HttpResponse<InputStream> response,
      Watchdog.Watch watch,
      Duration idle,
      Runnable onFirstByte) {
    this.response = response;
    this.watch = watch;
    this.idle = idle;
    this.onFirstByte = onFirstByte;
  }

  /// Why this cannot be an answer of a media type, judged by its headers; empty when it can.
  Optional<String> refusal(String mediaTypePart) {
    var encoding = response.headers().firstValue("content-encoding");
    if (encoding.isPresent() && !encoding.get().equalsIgnoreCase("identity")) {
      return Optional.of("the provider compressed an answer for which that was not asked");
    }
    var type = response.headers().firstValue("content-type");
    if (type.isPresent() && !type.get().toLowerCase(Locale.ROOT).contains(mediaTypePart)) {
      return Optional.of("the provider's answer is not of type " + mediaTypePart);
    }
    return Optional.empty();
  }

  /// Reads the next piece; -1 at the end.
  int read(byte[] buffer) throws IOException {
    if (begun) {
      watch.listen(idle);
    }
    int count = response.body().read(buffer);
    if (count > 0) {
      watch.heard();
      if (!begun) {
        begun = true;
        onFirstByte.run();
      }
    }
    return count;
  }

  /// From now on silence may last only this long.
  void expectEndWithin(Duration time) {
    idle = time;
  }

  Optional<Watchdog.Reason> ended() {
    return watch.ended();
  }

  void close() {
    try {
      response.body().close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("closing an answer does no I/O that can fail", e);
    }
  }

  /// As much of an error body as is worth keeping, however it ends.
  byte[] readStart(int maxBytes) {
    ByteArrayOutputStream start = new ByteArrayOutputStream();
    byte[] buffer = new byte[4096];
    try {
      int count;
      while (start.size() < maxBytes && (count = read(buffer)) >= 0) {
        start.write(buffer, 0, Math.min(count, maxBytes - start.size()));
      }
      if (start.size() == maxBytes) {
        close();
      }
    } catch (IOException e) {
      // The status already tells what happened; a broken error body adds nothing.
      return start.toByteArray();
    }
    return start.toByteArray();
  }
}
