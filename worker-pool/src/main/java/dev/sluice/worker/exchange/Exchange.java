package dev.sluice.worker.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// One HTTP exchange that another thread can end at any moment: while it connects, waits for the
/// headers or reads the body. Ending it closes the connection, so the upstream stops working too.
final class Exchange {
  private final CompletableFuture<HttpResponse<InputStream>> response;
  private @Nullable InputStream body;
  private boolean ended;

  Exchange(HttpClient client, HttpRequest request) {
    this.response = client.sendAsync(request, BodyHandlers.ofInputStream());
  }

  /// Waits for status and headers.
  HttpResponse<InputStream> await() throws IOException, InterruptedException {
    try {
      HttpResponse<InputStream> answer = response.get();
      keep(answer.body());
      return answer;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } catch (java.util.concurrent.CancellationException e) {
      throw new IOException("ended", e);
    } catch (InterruptedException e) {
      end();
      throw e;
    }
  }

  private synchronized void keep(InputStream stream) throws IOException {
    body = stream;
    if (ended) {
      stream.close();
    }
  }

  /// Closes the connection, or does nothing where the answer has been read to its end.
  void end() {
    response.cancel(true);
    InputStream open;
    synchronized (this) {
      ended = true;
      open = body;
    }
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        throw new UncheckedIOException("closing an answer does no I/O that can fail", e);
      }
    }
  }
}
