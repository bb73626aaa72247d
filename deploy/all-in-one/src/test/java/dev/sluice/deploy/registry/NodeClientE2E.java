package dev.sluice.deploy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.runtime.http.AdminEndpoint;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import dev.sluice.runtime.registry.RegistryHandler;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Confluent's own client for Node reads our bytes through the built-in registry, registers there,
/// and writes what Java reads.
@InThisJvm
class NodeClientE2E {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static LogSchemaRegistry registry;
  private static AdminEndpoint admin;

  @BeforeAll
  static void serves() {
    registry = LogSchemaRegistry.open(BROKER.clients());
    var mounts = new RegistryHandler(registry).mounts();
    admin = new AdminEndpoint("127.0.0.1", 0, List::of, () -> "", mounts, _ -> false).start();
  }

  @AfterAll
  static void stops() {
    admin.close();
    registry.close();
  }

  @Test
  void takesACostRowFromJavaToNodeAndBack() {
    String url = "http://127.0.0.1:" + admin.port();
    String topic = Topics.COSTS.name();
    try (var serdes = RecordSerdes.from(SchemaRegistrySettings.at(URI.create(url)))) {
      Serde<CostRow> rows = serdes.forRecord(CostRow.class);
      byte[] bytes = rows.serializer().serialize(topic, row());

      JsonNode seen =
          NodeProject.at("registry")
              .run("round-trip.js", url, topic, HexFormat.of().formatHex(bytes))
              .map(line -> JsonMapper.shared().readTree(line))
              .orElseThrow();

      assertEquals(12, seen.at("/tokens/input").asInt());
      assertEquals(
          row().getOwed().unscaledValue(),
          new BigInteger(HexFormat.of().parseHex(seen.at("/owed").asString())));
      assertEquals(seen.at("/latestId"), seen.at("/id"), "same schema, same id");
      assertEquals(seen.at("/id"), seen.at("/foundId"));
      assertEquals(1, seen.at("/foundVersion").asInt());
      assertEquals("[1]", seen.at("/versions").toString());
      assertEquals(
          "[\"sluice.costs-js-value\",\"sluice.costs-value\"]", seen.at("/subjects").toString());
      assertTrue(seen.at("/compatible").asBoolean());
      assertEquals("NONE", seen.at("/compatibility").asString());
      assertEquals("{\"status\":409,\"errorCode\":409}", seen.at("/refusal").toString());
      assertEquals("{\"status\":404,\"errorCode\":40401}", seen.at("/unknown").toString());
      byte[] fromNode = HexFormat.of().parseHex(seen.at("/bytes").asString());
      assertEquals(row(), rows.deserializer().deserialize(topic + "-js", fromNode));
    }
  }

  private static CostRow row() {
    return CostRow.newBuilder()
        .setEntryId("job_1/1/7")
        .setKind(CostKind.attempt)
        .setJobId("job_1")
        .setAttempt(1)
        .setTenant("demo")
        .setModel("fast")
        .setPool("sim")
        .setTags(Map.of("team", "suche"))
        .setTokens(Map.of("input", 12L, "output", 3L))
        .setOwed(new BigDecimal("0.000001234567"))
        .setUsageSource(UsageSource.UNKNOWN)
        .setAt(Instant.ofEpochMilli(1_790_000_000_123L))
        .build();
  }
}
