package dev.sluice.metering.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.GpuUse;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeteringTopologyTest {
  private static final Instant AT = Instant.parse("2026-11-21T08:30:00Z");
  private static final Duration HORIZON = Duration.ofDays(10);
  private static final Duration PAUSE = Duration.ofMinutes(10);
  private static final int STEP = 3;
  private static final Duration TOTALS_PAUSE = Duration.ofMillis(200);

  private final RecordSerdes serdes = RecordSerdes.over(new MemorySchemaRegistry());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @TempDir Path state;
  private TopologyTestDriver driver;
  private TestInputTopic<byte[], byte[]> ledger;

  @BeforeEach
  void start() {
    var topology =
        new MeteringTopology(
            serdes,
            () -> Policy.EMPTY,
            new ForgettingRule(HORIZON, PAUSE, Duration.ofSeconds(10), STEP),
            TOTALS_PAUSE,
            new MeteringMeters(meters));
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "metering-test");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, state.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    driver = new TopologyTestDriver(topology.build(), settings, AT);
    ledger =
        driver.createInputTopic(
            Topics.LEDGER.name(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void stop() {
    driver.close();
  }

  @Test
  void deliveredCallBecomesARowOwedAndARowCharged() {
    JobId job = job(AT, 1);
    settle(settlement(job, 1, true));

    List<CostRow> rows = rows();

    assertEquals(2, rows.size());
    CostRow attempt = rows.getFirst();
    assertEquals(CostKind.attempt, attempt.getKind());
    assertEquals(job.text() + "/1/c1", attempt.getEntryId());
    assertEquals(usd("0.000200000000"), attempt.getOwed());
    assertEquals(usd("0.000000000000"), attempt.getCharged());
    CostRow charge = rows.getLast();
    assertEquals(CostKind.charge, charge.getKind());
    assertEquals(job.text(), charge.getEntryId());
    assertEquals(usd("0.000300000000"), charge.getCharged());
    assertEquals(usd("0.000000000000"), charge.getOwed());
    assertEquals(Map.of("input", 7L, "output", 11L), charge.getTokens());
    assertEquals("v1", charge.getPriceVersion());
    assertEquals(UsageSource.REPORTED, charge.getUsageSource());
    assertEquals("acme", charge.getTenant());
    assertEquals(Map.of("team", "search"), charge.getTags());
    assertEquals(AT, charge.getAt());
    assertFalse(charge.getUnpriced());
  }

  @Test
  void gpuTimeStandsOnTheRowOfItsCallAndInTheTotals() {
    for (int attempt = 1; attempt <= 2; attempt++) {
      Settlement settlement = settlement(job(AT, 1), attempt, attempt == 2);
      // 1.8 GPU-seconds at 2.5 USD an hour; the answer is charged by its tokens.
      settlement.setGpu(new GpuUse(1_800_000L, usd("2.500000000000")));
      settlement.setOwed(usd("0.001250000000"));
      settle(settlement);
    }
    driver.advanceWallClockTime(TOTALS_PAUSE);

    List<CostRow> rows = rows();
    assertEquals(3, rows.size());
    CostRow attempt = rows.getFirst();
    assertEquals(new BigDecimal("1.800000"), attempt.getGpuSeconds());
    assertEquals("gpu:2.5", attempt.getPriceVersion());
    assertEquals(usd("0.001250000000"), attempt.getOwed());
    CostRow charge = rows.getLast();
    assertNull(charge.getGpuSeconds());
    assertEquals("v1", charge.getPriceVersion());
    assertEquals(usd("0.000300000000"), charge.getCharged());
    CostBucket total = output(Topics.COSTS_DAILY, CostBucket.class).readValuesToList().getLast();
    assertEquals(new BigDecimal("3.600000"), total.getGpuSeconds());
    assertEquals(usd("0.002500000000"), total.getOwed());
    assertEquals(0, total.getUnpriced());
  }

  @Test
  void totalsAreKeptForHourDayAndMonth() {
    settle(settlement(job(AT, 1), 1, true));
    settle(settlement(job(AT, 2), 1, false));
    driver.advanceWallClockTime(TOTALS_PAUSE);

    for (var expected :
        Map.of(
                Topics.COSTS_HOURLY, "2026-11-21T08:00:00Z",
                Topics.COSTS_DAILY, "2026-11-21T00:00:00Z",
                Topics.COSTS_MONTHLY, "2026-11-01T00:00:00Z")
            .entrySet()) {
      Map<String, CostBucket> totals =
          output(expected.getKey(), CostBucket.class).readKeyValuesToMap();
      CostBucket total = totals.get(expected.getValue() + "|acme|fast|ci|team=search");

      assertEquals(1, totals.size());
      assertEquals(usd("0.000400000000"), total.getOwed());
      assertEquals(usd("0.000300000000"), total.getCharged());
      assertEquals(1, total.getJobs());
      assertEquals(2, total.getAttempts());
      assertEquals(0, total.getUnpriced());
      assertEquals(Map.of("input", 7L, "output", 11L), total.getTokens());
    }
  }

  @Test
  void loneTotalIsWrittenAtOnceAndManyChangesInAPauseOnce() {
    TestOutputTopic<String, CostBucket> daily = output(Topics.COSTS_DAILY, CostBucket.class);
    settle(settlement(job(AT, 1), 1, true));
    assertEquals(List.of(1L), attempts(daily));

    for (int i = 2; i <= 50; i++) {
      settle(settlement(job(AT, i), 1, true));
    }
    assertEquals(List.of(), attempts(daily));

    driver.advanceWallClockTime(TOTALS_PAUSE);
    assertEquals(List.of(50L), attempts(daily));

    driver.advanceWallClockTime(TOTALS_PAUSE);
    settle(settlement(job(AT, 51), 1, true));
    assertEquals(List.of(51L), attempts(daily));
  }

  private static List<Long> attempts(TestOutputTopic<String, CostBucket> totals) {
    return totals.readValuesToList().stream().map(CostBucket::getAttempts).toList();
  }

  @Test
  void repeatsWriteNothing() {
    Settlement settlement = settlement(job(AT, 1), 1, true);
    settle(settlement);
    rows();
    output(Topics.COSTS_DAILY, CostBucket.class).readKeyValuesToList();

    settle(settlement);
    settle(settlement);

    assertEquals(List.of(), rows());
    assertEquals(List.of(), output(Topics.COSTS_DAILY, CostBucket.class).readKeyValuesToList());
    assertEquals(2, meters.counter("sluice.metering.repeats").count());
  }

  @Test
  void secondChargeOfAJobIsRefusedAndCounted() {
    JobId job = job(AT, 1);
    settle(settlement(job, 1, true));
    settle(settlement(job, 2, true));

    assertEquals(
        List.of(CostKind.attempt, CostKind.charge, CostKind.attempt),
        rows().stream().map(CostRow::getKind).toList());
    assertEquals(1, meters.counter("sluice.metering.second.charges.refused").count());
  }

  @Test
  void unpricedRowsHaveNoAmountsAndAreCounted() {
    Settlement settlement = settlement(job(AT, 1), 1, true);
    settlement.setOwed(null);
    settlement.setCharged(null);
    settlement.setUnpriced(true);
    settlement.setPriceVersion(null);
    settle(settlement);

    for (CostRow row : rows()) {
      assertTrue(row.getUnpriced());
      assertNull(row.getOwed());
      assertNull(row.getCharged());
    }
    CostBucket total = output(Topics.COSTS_DAILY, CostBucket.class).readValuesToList().getLast();
    assertEquals(2, total.getUnpriced());
    assertEquals(usd("0.000000000000"), total.getCharged());
    assertEquals(Map.of("input", 7L, "output", 11L), total.getTokens());
  }

  @Test
  void unusableRecordsAreSetAsideAndTheLedgerGoesOn() {
    Settlement strange = settlement(job(AT, 1), 1, true);
    strange.setJobId("job_1");
    Settlement negative = settlement(job(AT, 1), 1, true);
    negative.setOwed(usd("-0.000000000001"));
    Settlement huge = settlement(job(AT, 1), 1, true);
    huge.getUsage().setTokens(Map.of("input", Long.MAX_VALUE));
    ledger.pipeInput(bytes("acme"), bytes("not avro"), AT);
    ledger.pipeInput(bytes("acme"), new byte[] {0, 0, 0, 0, 99, 1}, AT);
    ledger.pipeInput(bytes("acme"), null, AT);
    ledger.pipeInput(bytes("acme"), new byte[LedgerReading.MAX_BYTES + 1], AT);
    settle(strange);
    settle(negative);
    settle(huge);
    settle(settlement(job(AT, 1), 1, true));

    List<DeadLetter> letters = output(Topics.DLQ, DeadLetter.class).readValuesToList();

    assertEquals(
        List.of(
            ErrorCode.DECODE_ERROR.code(),
            ErrorCode.UNKNOWN_SCHEMA.code(),
            ErrorCode.DECODE_ERROR.code(),
            ErrorCode.LIMITS.code(),
            ErrorCode.POISON.code(),
            ErrorCode.POISON.code(),
            ErrorCode.POISON.code()),
        letters.stream().map(DeadLetter::getCode).toList());
    DeadLetter first = letters.getFirst();
    assertEquals(Topics.LEDGER.name(), first.getTopic());
    assertEquals(0, first.getOffset());
    assertEquals("not avro", StandardCharsets.UTF_8.decode(first.getValue()).toString());
    assertEquals(2, rows().size());
  }

  @Test
  void rowsAreKeyedByTenantAndKeepTheTrace() {
    TestRecord<byte[], byte[]> record =
        new TestRecord<>(bytes("acme"), encoded(settlement(job(AT, 1), 1, false)), AT);
    record.headers().add(Headers.TRACEPARENT, bytes("00-trace"));
    ledger.pipeInput(record);

    TestRecord<String, CostRow> row = output(Topics.COSTS, CostRow.class).readRecord();

    assertEquals("acme", row.key());
    assertEquals(
        "00-trace",
        new String(row.headers().lastHeader(Headers.TRACEPARENT).value(), StandardCharsets.UTF_8));
  }

  @Test
  void lateLinesCountInTheirOwnPeriod() {
    settle(settlement(job(AT, 1), 1, false));
    Settlement late = settlement(job(AT, 2), 1, false);
    late.setAt(AT.minus(Duration.ofDays(40)));
    settle(late);
    driver.advanceWallClockTime(TOTALS_PAUSE);

    assertEquals(
        List.of("2026-11-01T00:00:00Z", "2026-10-01T00:00:00Z"),
        output(Topics.COSTS_MONTHLY, CostBucket.class).readValuesToList().stream()
            .map(total -> total.getPeriodStart().toString())
            .toList());
  }

  @Test
  void oldJobsAreForgottenInStepsAndNeverCountedAgain() {
    Instant old = AT.minus(HORIZON).minusSeconds(60);
    for (int i = 0; i < 2 * STEP; i++) {
      settle(settlement(job(old.plusMillis(i), i), 1, false));
    }
    settle(settlement(job(AT, 99), 1, false));
    driver.advanceWallClockTime(PAUSE.minusSeconds(1));
    assertEquals(0, meters.counter("sluice.metering.forgotten.jobs").count());
    rows();

    driver.advanceWallClockTime(Duration.ofSeconds(11));
    assertEquals(STEP, meters.counter("sluice.metering.forgotten.jobs").count());
    driver.advanceWallClockTime(Duration.ofSeconds(10));
    assertEquals(2 * STEP, meters.counter("sluice.metering.forgotten.jobs").count());
    settle(settlement(job(old, 0), 1, false));
    settle(settlement(job(AT, 99), 1, false));

    assertEquals(List.of(), rows());
    assertEquals(
        List.of(ErrorCode.POISON.code()),
        output(Topics.DLQ, DeadLetter.class).readValuesToList().stream()
            .map(DeadLetter::getCode)
            .toList());
  }

  @Test
  void callsOfCopiedJobsAreComparedWithThoseOfTheirCopies() {
    JobId primary = job(AT, 1);
    Settlement real = settlement(primary, 1, true);
    real.getContext().setShadowed(true);
    real.setStartedAt(AT.minusMillis(400));
    real.setFirstTokenAt(AT.minusMillis(300));
    Settlement copied = settlement(primary.derived(0), 1, false);
    copied.getContext().setShadowOf(primary.text());
    copied.getContext().setPool("trial");
    copied.setCause(FailureCause.DOWN);

    settle(real);
    settle(real);
    settle(copied);
    settle(settlement(job(AT, 2), 1, true));

    List<ComparedRoute> routes = output(Topics.COMPARISONS, ComparedRoute.class).readValuesToList();
    assertEquals(2, routes.size());
    ComparedRoute first = routes.getFirst();
    assertFalse(first.getShadow());
    assertEquals(1, first.getCalls());
    assertEquals(1, first.getSucceeded());
    assertEquals(1, first.getFirstToken().getCount());
    assertEquals(100, first.getFirstToken().getSumMs());
    assertEquals(400, first.getTotal().getSumMs());
    assertEquals(usd("0.000200000000"), first.getOwed());
    ComparedRoute second = routes.getLast();
    assertTrue(second.getShadow());
    assertEquals("trial", second.getPool());
    assertEquals(0, second.getSucceeded());
    assertEquals(0, second.getTotal().getCount());
    assertEquals(
        primary.text(),
        rows().stream()
            .filter(row -> row.getPool().equals("trial"))
            .findFirst()
            .orElseThrow()
            .getShadowOf());
  }

  private void settle(Settlement settlement) {
    ledger.pipeInput(bytes("acme"), encoded(settlement), AT);
  }

  private byte[] encoded(Settlement settlement) {
    return serdes
        .forRecord(Settlement.class)
        .serializer()
        .serialize(Topics.LEDGER.name(), settlement);
  }

  private List<CostRow> rows() {
    return output(Topics.COSTS, CostRow.class).readValuesToList();
  }

  private <T extends SpecificRecord> TestOutputTopic<String, T> output(Topic topic, Class<T> type) {
    return driver.createOutputTopic(
        topic.name(), new StringDeserializer(), serdes.forRecord(type).deserializer());
  }

  private static JobId job(Instant createdAt, int number) {
    return JobId.create(createdAt, 0, 0, number);
  }

  private static Settlement settlement(JobId job, int attempt, boolean delivered) {
    return Settlement.newBuilder()
        .setEntryId(job.text() + "/" + attempt + "/c" + attempt)
        .setJobId(job.text())
        .setAttempt(attempt)
        .setContext(
            AttemptContext.newBuilder()
                .setTenant("acme")
                .setKeyId("ci")
                .setModel("fast")
                .setPool("main")
                .setProviderModel("mini")
                .setReplyPartition(0)
                .setTags(Map.of("team", "search"))
                .build())
        .setUsage(
            Usage.newBuilder()
                .setTokens(Map.of("input", 7L, "output", 11L))
                .setSource(UsageSource.REPORTED)
                .build())
        .setOwed(usd("0.000200000000"))
        .setCharged(delivered ? usd("0.000300000000") : null)
        .setDelivered(delivered)
        .setPriceVersion("v1")
        .setAt(AT)
        .build();
  }

  private static BigDecimal usd(String amount) {
    return new BigDecimal(amount);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
