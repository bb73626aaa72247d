package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.IngressConfig;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CallerProbeTest {
  private static final int REQUESTS = 2_000;
  private static final int ANSWER_MILLIS = 10_000;

  @RegisterExtension
  final HttpFixture fixture =
      new HttpFixture(
          new IngressConfig.Timing(
              Duration.ofMinutes(10),
              Duration.ofHours(24),
              Duration.ofSeconds(5),
              Duration.ofSeconds(30),
              Duration.ofSeconds(15),
              Duration.ofSeconds(10),
              Duration.ofNanos(50_000)));

  /// The probe that looked at a connection while its answer left took the next request's bytes, and
  /// nobody ever read them: one call in twenty thousand had no answer.
  @Test
  void neverTakesTheNextRequestOfAConnection() throws Exception {
    Thread provider = Thread.ofPlatform().daemon().start(this::finishAll);
    byte[] request = request();
    try (Socket socket = new Socket("127.0.0.1", fixture.port())) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.setTcpNoDelay(true);
      var answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      for (int i = 0; i < REQUESTS; i++) {
        socket.getOutputStream().write(request);
        assertEquals("HTTP/1.1 200 OK", answers.readLine());
        while (!answers.readLine().isEmpty()) {
          // The headers are of no interest.
        }
        assertEquals('{', answers.read());
        assertEquals('}', answers.read());
      }
    }
    provider.join();
  }

  private void finishAll() {
    try {
      for (int i = 0; i < REQUESTS; i++) {
        JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
        fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, "{}"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] request() {
    String body = "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    return ("POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
            + HttpFixture.KEY
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
