package dev.sluice.ingress.http;

import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.LatencySpread;
import dev.sluice.contract.model.Spread;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.ComparisonLog;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/// `GET /v1/comparisons`: how the routes of copied jobs did, beside those of their copies, over all
/// tenants.
final class Comparisons implements Endpoint {
  private static final Duration DEFAULT_RANGE = Duration.ofDays(7);
  private static final MathContext RATE = new MathContext(6);

  private final ComparisonLog comparisons;
  private final Clock clock;

  Comparisons(ComparisonLog comparisons, Clock clock) {
    this.comparisons = comparisons;
    this.clock = clock;
  }

  /// The routes of a model in the order in which they are shown: primaries first.
  private record Side(String model, boolean shadow, String pool, String providerModel)
      implements Comparable<Side> {
    private static final Comparator<Side> ORDER =
        Comparator.comparing(Side::model)
            .thenComparing(Side::shadow)
            .thenComparing(Side::pool)
            .thenComparing(Side::providerModel);

    @Override
    public int compareTo(Side other) {
      return ORDER.compare(this, other);
    }
  }

  @Override
  public void serve(Call call) throws IOException {
    Instant to = call.query("to").map(text -> Costs.instant(text, "to")).orElse(clock.instant());
    Instant from =
        call.query("from")
            .map(text -> Costs.instant(text, "from"))
            .orElseGet(() -> to.minus(DEFAULT_RANGE))
            .truncatedTo(ChronoUnit.HOURS);
    Optional<String> model = call.query("model");
    Map<Side, Total> totals = new TreeMap<>();
    for (ComparedRoute route : comparisons.routes(from, to)) {
      if (model.isEmpty() || model.get().equals(route.getModel())) {
        Side side =
            new Side(
                route.getModel(), route.getShadow(), route.getPool(), route.getProviderModel());
        totals.computeIfAbsent(side, _ -> new Total()).add(route);
      }
    }
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    totals.forEach((side, total) -> total.write(out, side));
    out.endArray()
        .instantOrNull("from", from)
        .instantOrNull("to", to)
        .field("has_more", false)
        .endObject();
    call.json(200, out.toBytes());
  }

  /// The sum of one side. Owned by one thread.
  private static final class Total {
    private long calls;
    private long succeeded;
    private long stopped;
    private Spread firstToken = Spread.NOTHING;
    private Spread total = Spread.NOTHING;
    private final Map<String, Long> tokens = new TreeMap<>();
    private BigDecimal owed = BigDecimal.ZERO;
    private long unpriced;

    void add(ComparedRoute route) {
      calls += route.getCalls();
      succeeded += route.getSucceeded();
      stopped += route.getStopped();
      firstToken = firstToken.plus(spread(route.getFirstToken()));
      total = total.plus(spread(route.getTotal()));
      route.getTokens().forEach((kind, count) -> tokens.merge(kind, count, Long::sum));
      owed = owed.add(route.getOwed());
      unpriced += route.getUnpriced();
    }

    private static Spread spread(LatencySpread record) {
      Map<Integer, Long> steps = new HashMap<>();
      record.getSteps().forEach((step, count) -> steps.put(Integer.valueOf(step), count));
      return new Spread(record.getCount(), record.getSumMs(), steps);
    }

    void write(JsonOut out, Side side) {
      out.beginObject()
          .field("model", side.model())
          .field("role", side.shadow() ? "shadow" : "primary")
          .field("pool", side.pool())
          .field("provider_model", side.providerModel())
          .field("calls", calls)
          .field("succeeded", succeeded)
          .field("stopped", stopped)
          .textOrNull("success_rate", rate());
      times(out, "first_token_ms", firstToken);
      times(out, "total_ms", total);
      out.name("tokens").beginObject();
      tokens.forEach(out::field);
      out.endObject()
          .textOrNull("owed_usd", JobJson.decimal(owed))
          .textOrNull("owed_usd_per_call", perCall())
          .field("unpriced", unpriced)
          .endObject();
    }

    /// Of the calls that ended by themselves.
    private String rate() {
      long ended = calls - stopped;
      return ended == 0
          ? ""
          : BigDecimal.valueOf(succeeded)
              .divide(BigDecimal.valueOf(ended), RATE)
              .stripTrailingZeros()
              .toPlainString();
    }

    private String perCall() {
      long priced = calls - unpriced;
      return priced == 0
          ? ""
          : owed.divide(BigDecimal.valueOf(priced), RATE).stripTrailingZeros().toPlainString();
    }

    private static void times(JsonOut out, String name, Spread spread) {
      out.name(name);
      if (spread.count() == 0) {
        out.nothing();
        return;
      }
      out.beginObject();
      number(out, "mean", spread.mean());
      number(out, "p50", spread.quantile(0.5));
      number(out, "p95", spread.quantile(0.95));
      out.field("count", spread.count()).endObject();
    }

    private static void number(JsonOut out, String name, OptionalLong millis) {
      out.field(name, millis.orElse(0));
    }
  }
}
