package dev.sluice.worker.provider;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// What a test says to a provider and keeps of its answer.
public final class Answers implements AnswerSink {
  public static final String CHAT = "/v1/chat/completions";
  public static final String JOB = "job_01k3x0v7s0h0g8r4f2m6n9p5qa";

  private final List<String> chunks = new ArrayList<>();
  public Runnable onChunk = () -> {};
  public boolean sawFirstByte;

  @Override
  public void firstByte() {
    sawFirstByte = true;
  }

  @Override
  public void chunk(byte[] data) {
    chunks.add(new String(data, StandardCharsets.UTF_8));
    onChunk.run();
  }

  public List<String> chunks() {
    return chunks;
  }

  public static ProviderRequest chat(String body, boolean stream) {
    return request(CHAT, "m", body, stream);
  }

  public static ProviderRequest request(
      String endpoint, String model, String body, boolean stream) {
    return new ProviderRequest(
        Endpoint.of(endpoint).orElseThrow(),
        model,
        body.getBytes(StandardCharsets.UTF_8),
        stream,
        OptionalInt.empty(),
        JOB,
        Map.of());
  }

  public static ProviderAnswer.Complete complete(ProviderAnswer answer) {
    return assertInstanceOf(ProviderAnswer.Complete.class, answer, answer::toString);
  }

  public static ProviderAnswer.Broken broken(Cause cause, ProviderAnswer answer) {
    ProviderAnswer.Broken broken =
        assertInstanceOf(ProviderAnswer.Broken.class, answer, answer::toString);
    org.junit.jupiter.api.Assertions.assertEquals(cause, broken.failure().cause());
    return broken;
  }

  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
