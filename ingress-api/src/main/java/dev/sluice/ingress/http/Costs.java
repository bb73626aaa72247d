package dev.sluice.ingress.http;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.ingress.core.CostGroup;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.CostLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// `GET /v1/costs`: the tenant's money, grouped as asked, from the totals that finance reads.
final class Costs implements Endpoint {
  private static final Duration DEFAULT_RANGE = Duration.ofDays(31);

  private final CostLog costs;
  private final Clock clock;

  Costs(CostLog costs, Clock clock) {
    this.costs = costs;
    this.clock = clock;
  }

  @Override
  public void serve(Call call) throws IOException {
    List<String> by =
        CostGroup.names(call.query("by").orElse("tenant"))
            .orElseThrow(() ->
                new RefusedException(
                    Refusal.field(
                        "/by",
                        "by is a list of tenant, model, key, tag and tag.<name>, each once")));
    Instant now = clock.instant();
    Instant to = call.query("to").map(text -> instant(text, "to")).orElse(now);
    Instant from =
        call.query("from")
            .map(text -> instant(text, "from"))
            .orElseGet(
                () -> to.minus(DEFAULT_RANGE).truncatedTo(java.time.temporal.ChronoUnit.DAYS));
    Map<CostGroup, Total> totals = new HashMap<>();
    for (CostBucket bucket : costs.buckets(call.principal().tenant(), from, to)) {
      CostGroup group =
          CostGroup.of(
              by, bucket.getTenant(), bucket.getModel(), bucket.getKeyId(), bucket.getTags());
      totals.computeIfAbsent(group, _ -> new Total()).add(bucket);
    }
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    totals.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> entry.getValue().write(out, by, entry.getKey()));
    out.endArray()
        .instantOrNull("from", from)
        .instantOrNull("to", to)
        .field("has_more", false)
        .endObject();
    call.json(200, out.toBytes());
  }

  /// A date or an instant of a query.
  static Instant instant(String text, String name) {
    try {
      return text.length() == 10
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException _) {
      throw new RefusedException(
          Refusal.field("/" + name, name + " is a date (2026-11-21) or an instant, UTC"));
    }
  }

  /// The sum of one group. Owned by one thread.
  private static final class Total {
    private BigDecimal charged = BigDecimal.ZERO;
    private BigDecimal owed = BigDecimal.ZERO;
    private final Map<String, Long> tokens = new TreeMap<>();
    private long jobs;
    private long attempts;
    private long unpriced;
    private BigDecimal gpuSeconds = BigDecimal.ZERO;

    void add(CostBucket bucket) {
      charged = charged.add(bucket.getCharged());
      owed = owed.add(bucket.getOwed());
      bucket.getTokens().forEach((kind, count) -> tokens.merge(kind, count, Long::sum));
      jobs += bucket.getJobs();
      attempts += bucket.getAttempts();
      unpriced += bucket.getUnpriced();
      BigDecimal time = bucket.getGpuSeconds();
      gpuSeconds = time == null ? gpuSeconds : gpuSeconds.add(time);
    }

    void write(JsonOut out, List<String> by, CostGroup group) {
      out.beginObject();
      for (int i = 0; i < by.size(); i++) {
        switch (group.values().get(i)) {
          case CostGroup.Value.Text(String text) -> out.field(by.get(i), text);
          case CostGroup.Value.Tags(SortedMap<String, String> tags) -> out.texts(by.get(i), tags);
        }
      }
      out.textOrNull("charged_usd", JobJson.decimal(charged))
          .textOrNull("owed_usd", JobJson.decimal(owed))
          .name("tokens")
          .beginObject();
      tokens.forEach(out::field);
      out.endObject()
          .field("jobs", jobs)
          .field("attempts", attempts)
          .field("unpriced", unpriced)
          .textOrNull("gpu_seconds", JobJson.decimal(gpuSeconds))
          .endObject();
    }
  }
}
