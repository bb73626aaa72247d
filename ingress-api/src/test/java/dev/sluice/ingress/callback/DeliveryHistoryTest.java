package dev.sluice.ingress.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryHistoryTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private final Serde<Callback> serde =
      RecordSerdes.over(new MemorySchemaRegistry()).forRecord(Callback.class);
  @TempDir private Path folder;
  private long offset;

  private static Callback callback(String id, String endpoint, Instant at, int attempts) {
    Callback callback = new Callback();
    callback.setId(id);
    callback.setEventId("evt_" + id);
    callback.setTenant("acme");
    callback.setType("job.succeeded");
    callback.setSubject("job_1");
    callback.setStatus("succeeded");
    callback.setCreatedAt(at);
    callback.setState(CallbackState.WAITING);
    callback.setEndpointId(endpoint);
    callback.setAttempts(attempts);
    return callback;
  }

  private void put(DeliveryHistory history, Callback callback) {
    byte[] value = serde.serializer().serialize(Topics.CALLBACKS_LOG.name(), callback);
    history.put(0, offset++, callback, value);
  }

  private static List<String> ids(List<Callback> found) {
    return found.stream().map(Callback::getId).toList();
  }

  @Test
  void findsADeliveryByEndpointSubjectAndIdAsItsLastAttemptLeftIt() {
    try (DeliveryHistory history = DeliveryHistory.open(folder, "one", serde)) {
      put(history, callback("a", "whe_1", NOW, 1));
      put(history, callback("b", "whe_1", NOW.plusSeconds(1), 1));
      put(history, callback("c", "whe_12", NOW.plusSeconds(2), 1));
      put(history, callback("a", "whe_1", NOW, 2));

      assertEquals(
          List.of("b", "a"), ids(history.ofEndpoint("acme", "whe_1", Optional.empty(), 10)));
      assertEquals(
          List.of("a"), ids(history.ofEndpoint("acme", "whe_1", history.find("acme", "b"), 10)));
      assertEquals(List.of("a", "b", "c"), ids(history.ofSubject("acme", "job_1", 10)));
      assertEquals(List.of("a"), ids(history.ofSubject("acme", "job_1", 1)));
      assertEquals(2, history.find("acme", "a").orElseThrow().getAttempts());
      assertEquals(Optional.empty(), history.find("other", "a"));
    }
  }

  @Test
  void knowsAfterARestartHowFarItWasRead() {
    try (DeliveryHistory history = DeliveryHistory.open(folder, "one", serde)) {
      put(history, callback("a", null, NOW, 1));
    }
    try (DeliveryHistory history = DeliveryHistory.open(folder, "one", serde)) {
      assertEquals(1, history.position(0));
      assertEquals(0, history.position(1));
      assertTrue(history.find("acme", "a").isPresent());
    }
  }

  @Test
  void beginsAnewForAnotherLog() {
    try (DeliveryHistory history = DeliveryHistory.open(folder, "one", serde)) {
      put(history, callback("a", null, NOW, 1));
    }
    try (DeliveryHistory history = DeliveryHistory.open(folder, "two", serde)) {
      assertEquals(0, history.position(0));
      assertEquals(Optional.empty(), history.find("acme", "a"));
    }
  }

  @Test
  void forgetsWhatIsOld() {
    try (DeliveryHistory history = DeliveryHistory.open(folder, "one", serde)) {
      put(history, callback("old", "whe_1", NOW, 1));
      put(history, callback("new", "whe_1", NOW.plusSeconds(10), 1));

      history.purge(NOW.plusSeconds(5));

      assertEquals(List.of("new"), ids(history.ofEndpoint("acme", "whe_1", Optional.empty(), 10)));
      assertEquals(List.of("new"), ids(history.ofSubject("acme", "job_1", 10)));
      assertEquals(1 + 1, history.position(0));
    }
  }
}
