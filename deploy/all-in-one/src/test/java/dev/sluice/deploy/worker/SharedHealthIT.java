package dev.sluice.deploy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.BreakerState;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What one worker makes of another's word on a pool.
@InThisJvm
class SharedHealthIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final String CHAT = "{\"model\":\"fast\",\"messages\":[{\"content\":\"hello\"}]}";

  @TempDir Path state;
  private WorkerBench bench;

  @BeforeEach
  void open() {
    bench = new WorkerBench(BROKER);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  @Test
  void workIsGivenBackUncalledOnAnothersWordAndItsProbesGoOnWhenThatOneLeaves() throws Exception {
    HttpServer provider = provider(0);
    int port = provider.getAddress().getPort();
    provider.stop(0);
    serve("gone", port);

    say("gone", BreakerState.OPEN, false);
    awaitSlots("gone", 0);
    bench.release(Priority.INTERACTIVE, bench.work("job_g", "gone", CHAT).build());

    Command outcome = bench.awaitOutcome("job_g");
    assertFalse(outcome.getOutcome().getCalled());
    assertEquals(FailureCause.DOWN, outcome.getOutcome().getError().getCause());

    say("gone", BreakerState.OPEN, true);
    provider = provider(port);
    long rose = System.nanoTime();
    awaitSlots("gone", 8);
    assertTrue(Duration.ofNanos(System.nanoTime() - rose).toSeconds() < 8);
    provider.stop(0);
  }

  @Test
  void aWorkerWhoseProviderAnswersGoesOnAfterOneProbe() throws Exception {
    HttpServer provider = provider(0);
    serve("well", provider.getAddress().getPort());

    for (int beat = 0; beat < 3; beat++) {
      say("well", BreakerState.OPEN, false);
    }
    Eventually.await(
        "its word is heard",
        WorkerBench.PATIENCE,
        () -> bench.slots("well").stream().allMatch(slots -> slots < 8));
    Eventually.await(
        "its share again",
        WorkerBench.PATIENCE,
        () -> bench.slots("well").stream().allMatch(slots -> slots >= 4));
    bench.release(Priority.INTERACTIVE, bench.work("job_w", "well", CHAT).build());

    // Answered with a refusal, so it was called.
    assertTrue(bench.awaitOutcome("job_w").getOutcome().getCalled());
    provider.stop(0);
  }

  private void serve(String pool, int port) throws Exception {
    URI url = URI.create("http://127.0.0.1:" + port + "/v1");
    bench.publish(WorkerBench.upstream(pool, 8, url, Policy.Timeouts.DEFAULT));
    bench.startWorker(state);
  }

  /// Another worker, which has opened its breaker once, beats.
  private void say(String pool, BreakerState breaker, boolean leaving) throws Exception {
    PoolPulse pulse =
        PoolPulse.newBuilder().setPool(pool).setBreaker(breaker).setOpenings(1).build();
    bench.send(
        Topics.WORKERS.name(),
        0,
        Beat.class,
        new Beat(
            "other",
            BeatKind.WORKER,
            List.of(pool),
            0,
            leaving,
            List.of(pulse),
            List.of(),
            List.of()));
  }

  private void awaitSlots(String pool, double slots) throws Exception {
    Eventually.await(
        slots + " slots", WorkerBench.PATIENCE, () -> bench.slots(pool).equals(List.of(slots)));
  }

  private static HttpServer provider(int port) throws IOException {
    return WorkerBench.vendor(
        port,
        exchange -> {
          boolean probe = exchange.getRequestMethod().equals("GET");
          WorkerBench.answer(exchange, probe ? 200 : 400, "{\"data\":[]}");
        });
  }
}
