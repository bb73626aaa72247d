package dev.sluice.bench.story;

import dev.sluice.bench.story.Story.Day;
import dev.sluice.bench.story.Story.Traffic;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.RouteMoment;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.router.core.RoutePolicy;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.RouteScores;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.topology.CelCondition;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Tells a story of a whole day through the router's own core: each request is routed by
/// [RoutePolicy] at its time of that day, and rated by the [PriceBook] that settles. No clock runs.
///
/// A request that no route takes yet is asked again at the next quarter of an hour, as the router
/// does.
public final class DayStory {
  private static final Duration QUARTER = Duration.ofMinutes(15);
  private static final Duration LONGEST_WAIT = Duration.ofDays(2);
  private static final BigDecimal PERCENT = BigDecimal.valueOf(100);

  private final Story story;
  private final Day day;
  private final RoutePlans plans;
  private final PriceBook prices;
  private final Map<String, int[]> perHourOfPool = new HashMap<>();
  private int number;

  private DayStory(Story story, Day day, Policy policy) {
    this.story = story;
    this.day = day;
    this.plans = RoutePlans.of(policy, CelCondition::of);
    this.prices = PriceBook.of(policy);
  }

  /// @param policy of the story, as the product reads it
  public static Figures tell(Story story, Policy policy) {
    return new DayStory(story, story.day().orElseThrow(), policy).figures();
  }

  /// Where and when a request went.
  private record Run(String pool, String model, Instant at) {}

  private Figures figures() {
    Figures figures = new Figures();
    BigDecimal fixed = BigDecimal.ZERO;
    BigDecimal routed = BigDecimal.ZERO;
    for (Traffic line : story.traffic()) {
      Line told = tell(line);
      fixed = fixed.add(told.fixed);
      routed = routed.add(told.routed);
      figures.put(line.name() + ": requests", told.requests);
      figures.put(line.name() + ": USD by " + line.against().orElseThrow(), usd(told.fixed));
      figures.put(line.name() + ": USD by " + line.model(), usd(told.routed));
      figures.put(line.name() + ": saved %", saved(told.fixed, told.routed));
      figures.put(line.name() + ": longest wait h", told.longest.toMinutes() / 60.0);
    }
    figures.put("all: USD fixed", usd(fixed));
    figures.put("all: USD routed", usd(routed));
    figures.put("all: USD saved", usd(fixed.subtract(routed)));
    figures.put("all: saved %", saved(fixed, routed));
    perHourOfPool.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(pool -> figures.put(pool.getKey() + ": most requests in an hour", most(pool)));
    return figures;
  }

  private static double most(Map.Entry<String, int[]> pool) {
    int most = 0;
    for (int count : pool.getValue()) {
      most = Math.max(most, count);
    }
    return most;
  }

  private static double usd(BigDecimal amount) {
    return amount.doubleValue();
  }

  private static double saved(BigDecimal fixed, BigDecimal routed) {
    return fixed.subtract(routed).multiply(PERCENT).doubleValue() / fixed.doubleValue();
  }

  /// What one line of traffic comes to. Belongs to one telling.
  private static final class Line {
    private int requests;
    private BigDecimal fixed = BigDecimal.ZERO;
    private BigDecimal routed = BigDecimal.ZERO;
    private Duration longest = Duration.ZERO;
  }

  private Line tell(Traffic line) {
    Line told = new Line();
    Instant midnight = day.date().atStartOfDay(day.zone()).toInstant();
    for (int hour = 0; hour < line.perHour().size(); hour++) {
      int count = line.perHour().get(hour);
      for (int i = 0; i < count; i++) {
        Duration within = Duration.ofHours(1).multipliedBy(i).dividedBy(count);
        Instant at = midnight.plus(Duration.ofHours(hour)).plus(within);
        Run run = run(line, line.model(), at);
        told.requests++;
        told.routed = told.routed.add(price(run, line));
        told.fixed = told.fixed.add(price(run(line, line.against().orElseThrow(), at), line));
        Duration waited = Duration.between(at, run.at());
        told.longest = waited.compareTo(told.longest) > 0 ? waited : told.longest;
        count(run);
      }
    }
    return told;
  }

  private void count(Run run) {
    int hour = run.at().atZone(day.zone()).getHour();
    perHourOfPool.computeIfAbsent(run.pool(), _ -> new int[24])[hour]++;
  }

  /// Asks until the request is let go.
  private Run run(Traffic line, String model, Instant submitted) {
    Job job = job(line, model, submitted);
    Instant at = submitted;
    while (Duration.between(submitted, at).compareTo(LONGEST_WAIT) < 0) {
      RouteMoment moment = new RouteMoment(plans, prices, _ -> true, new RouteScores(), at, number);
      switch (RoutePolicy.decide(job, moment)) {
        case RouteDecision.Routed(var place) -> {
          return new Run(place.pool(), place.model(), at);
        }
        case RouteDecision.Held _ -> at = nextQuarter(at);
        case RouteDecision.Refused(var failure) ->
            throw new IllegalStateException(
                "%s: no route for %s: %s".formatted(story.name(), line.name(), failure));
      }
    }
    throw new IllegalStateException("%s: %s waits for ever".formatted(story.name(), line.name()));
  }

  private static Instant nextQuarter(Instant at) {
    long quarter = QUARTER.toSeconds();
    return Instant.ofEpochSecond((at.getEpochSecond() / quarter + 1) * quarter);
  }

  private BigDecimal price(Run run, Traffic line) {
    Map<String, Long> tokens =
        Map.of("input", line.tokens().input(), "output", line.tokens().output());
    return switch (prices.rate(run.pool(), run.model(), run.at(), tokens)) {
      case Rating.Priced(var usd, var _) -> usd;
      case Rating.Unpriced(var why) -> throw new IllegalStateException(why);
    };
  }

  private Job job(Traffic line, String model, Instant at) {
    number++;
    return new Job(
        JobId.create(at, 0, 0, number),
        line.tenant(),
        Priority.valueOf(line.priority().toUpperCase(Locale.ROOT)),
        model,
        new LogPosition("sluice.jobs." + line.priority(), 0, number),
        at.plus(LONGEST_WAIT),
        new Demand(
            "",
            Map.of(),
            line.tokens().input(),
            line.tokens().output(),
            1,
            false,
            Optional.empty()),
        Delivery.kept(0));
  }
}
