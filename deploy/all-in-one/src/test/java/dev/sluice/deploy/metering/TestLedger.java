package dev.sluice.deploy.metering;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.model.JobId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A ledger with every kind of call: delivered and failed, priced and not, retried, of several
/// tenants. Each amount is its own, so that a wrong sum shows.
final class TestLedger {
  private static final int MAX_ATTEMPTS = 3;

  private TestLedger() {}

  /// @param jobs of one to three attempts, the last of which mostly delivers
  static List<Settlement> settlements(int jobs, Random random) {
    Instant now = Instant.now();
    List<Settlement> settlements = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      JobId job = JobId.create(now.plusMillis(i), 0, 0, random.nextLong());
      int attempts = 1 + random.nextInt(MAX_ATTEMPTS);
      for (int attempt = 1; attempt <= attempts; attempt++) {
        boolean delivered = attempt == attempts && random.nextInt(10) > 0;
        settlements.add(settlement(job, attempt, delivered, now, random));
      }
    }
    return settlements;
  }

  private static Settlement settlement(
      JobId job, int attempt, boolean delivered, Instant now, Random random) {
    boolean unpriced = random.nextInt(20) == 0;
    BigDecimal usd = BigDecimal.valueOf(random.nextLong(1, 1_000_000_000_000L), 12);
    return Settlement.newBuilder()
        .setEntryId(job.text() + "/" + attempt + "/claim")
        .setJobId(job.text())
        .setAttempt(attempt)
        .setContext(
            AttemptContext.newBuilder()
                .setTenant("tenant-" + random.nextInt(3))
                .setKeyId("key")
                .setModel("model-" + random.nextInt(3))
                .setPool("pool")
                .setProviderModel("m")
                .setReplyPartition(0)
                .setTags(random.nextBoolean() ? Map.of("team", "a|b") : Map.of())
                .build())
        .setUsage(
            Usage.newBuilder()
                .setTokens(Map.of("input", random.nextLong(1000), "output", random.nextLong(1000)))
                .setSource(UsageSource.REPORTED)
                .build())
        .setOwed(unpriced ? null : usd)
        .setCharged(unpriced || !delivered ? null : usd)
        .setDelivered(delivered)
        .setUnpriced(unpriced)
        .setPriceVersion(unpriced ? null : "v1")
        .setAt(now.minusSeconds(random.nextLong(100 * 24 * 3600)))
        .build();
  }
}
