package dev.sluice.worker.provider.simulated;

import static dev.sluice.worker.provider.Answers.complete;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Policy;
import dev.sluice.worker.provider.Answers;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderContractTest;
import dev.sluice.worker.wire.JsonText;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class SimulatedProviderTest extends ProviderContractTest {
  private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

  @Override
  protected Provider prompt() {
    return provider(new Policy.Simulation(Duration.ZERO, 0, 12));
  }

  @Override
  protected Provider slow() {
    return provider(new Policy.Simulation(Duration.ZERO, 2, 100));
  }

  @Override
  protected Provider failing(int status) {
    return prompt();
  }

  @Override
  protected Provider silent() {
    return prompt();
  }

  @Override
  protected Provider cut() {
    return prompt();
  }

  @Override
  protected String model(String kind) {
    return "simulated-error-" + kind;
  }

  @Test
  void saysTheSameToTheSameRequest() throws Exception {
    Provider provider = prompt();

    assertArrayEquals(body(provider, PROMPT), body(provider, PROMPT));
  }

  @Test
  void honoursTheLimitOfTokens() throws Exception {
    var body =
        JsonText.MAPPER.readTree(
            body(prompt(), "{\"model\":\"m\",\"max_tokens\":3,\"messages\":[]}"));

    assertEquals(3, body.at("/usage/completion_tokens").intValue());
    assertEquals("length", body.at("/choices/0/finish_reason").asString());
  }

  @Test
  void answersPlainCompletions() throws Exception {
    var request = Answers.request("/v1/completions", "m", "{\"prompt\":\"river\"}", false);
    var body =
        JsonText.MAPPER.readTree(
            complete(prompt().call(request, new Answers(), new Cancellation())).body());

    assertEquals("text_completion", body.path("object").asString());
    assertEquals(12, body.at("/choices/0/text").asString().split(" ").length);
  }

  private static byte[] body(Provider provider, String prompt) throws InterruptedException {
    return complete(provider.call(Answers.chat(prompt, false), new Answers(), new Cancellation()))
        .body();
  }

  private static Provider provider(Policy.Simulation simulation) {
    Policy.Timeouts timeouts =
        new Policy.Timeouts(
            Duration.ofSeconds(10),
            Duration.ofSeconds(1),
            Duration.ofMillis(300),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));
    return new SimulatedProvider(simulation, timeouts, CLOCK);
  }
}
