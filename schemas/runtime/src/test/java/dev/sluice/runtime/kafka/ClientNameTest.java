package dev.sluice.runtime.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientNameTest {

  @ParameterizedTest
  @CsvSource({
    "sluice-metering-StreamThread-1-producer, metering-producer",
    "sluice-metering-StreamThread-12-consumer, metering-consumer",
    "sluice-router-1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b-StreamThread-1-producer, router-producer",
    "sluice-router-1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b-admin, router-admin",
    "sluice-ingress-1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b-reader-3, ingress-reader",
    "sluice-worker-gpu-1-interactive, worker-gpu-1-interactive",
    "sluice-metering-StateUpdater-1-restore-consumer, metering-restore-consumer",
    "consumer-1, consumer",
  })
  void namesNoProcessAndNoThread(String clientId, String name) {
    assertEquals(name, ClientName.of(clientId));
  }
}
