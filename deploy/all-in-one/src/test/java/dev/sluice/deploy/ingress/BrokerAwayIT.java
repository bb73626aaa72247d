package dev.sluice.deploy.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.EmbeddedBroker;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.ingress.IngressServer;
import dev.sluice.runtime.kafka.TopicCreator;
import dev.sluice.testkit.Eventually;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@InThisJvm
class BrokerAwayIT {
  private static final String CHAT = "/v1/chat/completions";
  private static final String HELLO =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  @TempDir Path data;
  @TempDir Path state;

  @Test
  void says503WhileTheBrokerIsAwayAndServesAgainByItself() throws Exception {
    EmbeddedBroker broker = new EmbeddedBroker(data, "127.0.0.1", 0).start();
    String servers = broker.bootstrapServers();
    int port = Integer.parseInt(servers.substring(servers.lastIndexOf(':') + 1));
    RecordSerdes serdes = RecordSerdes.over(new MemorySchemaRegistry());
    try (IngressRig rig = rig(servers, serdes);
        EchoRouter _ = new EchoRouter(rig.kafka(), serdes);
        IngressServer ingress = rig.start(state)) {
      assertEquals(200, rig.post(ingress, CHAT, HELLO).statusCode());

      broker.close();
      long began = System.nanoTime();
      HttpResponse<String> away = rig.post(ingress, CHAT, HELLO);
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      broker = new EmbeddedBroker(data, "127.0.0.1", port).start();

      assertEquals(503, away.statusCode(), away.body());
      assertTrue(away.headers().firstValue("retry-after").isPresent());
      assertTrue(took.compareTo(Duration.ofSeconds(8)) < 0, took.toString());
      Eventually.await(
          "served again",
          Duration.ofSeconds(30),
          () -> rig.post(ingress, CHAT, HELLO).statusCode() == 200);
    } finally {
      broker.close();
    }
  }

  private static IngressRig rig(String servers, RecordSerdes serdes) throws Exception {
    try (Admin admin =
        new dev.sluice.runtime.kafka.KafkaClients(servers, java.util.Map.of()).admin("setup")) {
      new TopicCreator(1, 1, 1, Optional.empty()).create(admin, Topics.fixed());
    }
    return new IngressRig(servers, serdes);
  }
}
