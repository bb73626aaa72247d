package dev.sluice.deploy.metering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.metering.Finance.Sums;
import dev.sluice.deploy.registry.NodeProject;
import dev.sluice.metering.MeteringService;
import dev.sluice.runtime.http.AdminEndpoint;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import dev.sluice.runtime.registry.RegistryHandler;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Finance reads `sluice.costs` with kafkajs and Confluent's registry client, and comes to our
/// sums.
@InThisJvm
class CostsNodeE2E {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final int JOBS = 100;
  private static final int SCALE = 12;

  @TempDir Path state;
  private LogSchemaRegistry registry;
  private AdminEndpoint admin;

  @BeforeEach
  void serve() {
    BROKER.createTopics(Topics.fixed());
    registry = LogSchemaRegistry.open(BROKER.clients());
    var mounts = new RegistryHandler(registry).mounts();
    admin = new AdminEndpoint("127.0.0.1", 0, List::of, () -> "", mounts, _ -> false).start();
  }

  @AfterEach
  void stop() {
    admin.close();
    registry.close();
  }

  @Test
  void foreignClientsReadEveryCommittedRowOnceAndNoOther() {
    String registryUrl = "http://127.0.0.1:" + admin.port();
    List<Settlement> settlements = TestLedger.settlements(JOBS, new Random(1));
    Settlement last = TestLedger.settlements(1, new Random(2)).getFirst();
    try (var serdes = RecordSerdes.from(SchemaRegistrySettings.at(URI.create(registryUrl)));
        var writer = new LedgerWriter(BROKER.clients(), serdes);
        MeteringService metering =
            MeteringProcess.service(BROKER.bootstrapServers(), state, serdes)) {
      abortARow(serdes);
      metering.start();
      writer.write(settlements);
      writer.write(settlements);
      writer.write(List.of(last));

      JsonNode seen =
          NodeProject.at("costs")
              .run("costs.js", BROKER.bootstrapServers(), registryUrl, last.getEntryId())
              .map(line -> JsonMapper.shared().readTree(line))
              .orElseThrow();

      assertEquals(Sums.ofSettlements(settlements), sums(seen));
      assertEquals(seen.get("rows"), seen.get("distinct"));
      assertEquals("[\"tenant-0\",\"tenant-1\",\"tenant-2\"]", seen.get("keys").toString());
    }
  }

  private static Sums sums(JsonNode seen) {
    return new Sums(
        usd(seen.get("owed")),
        usd(seen.get("charged")),
        seen.get("attempts").asLong(),
        seen.get("charges").asLong(),
        seen.get("unpriced").asLong());
  }

  private static BigDecimal usd(JsonNode picoUsd) {
    return new BigDecimal(new BigInteger(picoUsd.asString()), SCALE);
  }

  /// What a metering that was killed leaves behind: a row that never was.
  private static void abortARow(RecordSerdes serdes) {
    CostRow row =
        CostRow.newBuilder()
            .setEntryId("aborted")
            .setKind(CostKind.charge)
            .setJobId("aborted")
            .setAttempt(1)
            .setTenant("aborted")
            .setModel("m")
            .setPool("p")
            .setCharged(new BigDecimal("1.000000000000"))
            .setOwed(new BigDecimal("0.000000000000"))
            .setAt(java.time.Instant.EPOCH)
            .build();
    byte[] value = serdes.forRecord(CostRow.class).serializer().serialize(Topics.COSTS.name(), row);
    // The first transaction of a broker waits until it has its topic for them.
    try (var producer =
        BROKER
            .clients()
            .producer("killed", Map.of("transactional.id", "killed", "max.block.ms", 60_000))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(Topics.COSTS.name(), new byte[] {'x'}, value));
      producer.flush();
      producer.abortTransaction();
    }
  }
}
