package dev.sluice.router.core.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Period;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Stake.Stage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Random lives of jobs under nested limits of every unit and window, checked against a plain list
/// of all that ever happened.
class LimitsPropertyTest {
  private static final Instant BEGIN = Instant.parse("2026-11-21T08:00:00Z");
  private static final int STEPS = 4_000;
  private static final Duration LONGEST = Duration.ofMinutes(1);

  private static final List<Limit> LIMITS =
      List.of(
          limit(new Part.Whole(), Unit.REQUESTS, new Window.Rolling(Duration.ofMinutes(1)), 40),
          limit(new Part.Whole(), Unit.IN_FLIGHT, new Window.Now(), 12),
          limit(
              new Part.Whole(),
              Unit.USD,
              new Window.Calendar(Period.HOUR, ZoneOffset.UTC),
              120_000_000_000L),
          limit(
              new Part.Team("search", Set.of("a", "b")),
              Unit.TOKENS,
              new Window.Rolling(Duration.ofMinutes(1)),
              3_000),
          limit(
              new Part.Whole(),
              Unit.GPU_SECONDS,
              new Window.Calendar(Period.HOUR, ZoneOffset.UTC),
              // Of a hundred calls at their longest: four GPUs in eight slots, a minute at most.
              3_000_000_000L),
          limit(new Part.Key("a"), Unit.IN_FLIGHT, new Window.Now(), 3),
          limit(
              new Part.Tag("project", Optional.empty()),
              Unit.OUTPUT_TOKENS,
              new Window.Rolling(Duration.ofHours(1)),
              4_000),
          limit(
              new Part.Tag("user", Optional.empty()),
              Unit.REQUESTS,
              new Window.Rolling(Duration.ofSeconds(20)),
              4),
          limit(new Part.Tag("user", Optional.empty()), Unit.IN_FLIGHT, new Window.Now(), 2));

  private static final int USERS = 40;

  private static final List<String> VALUES =
      Stream.concat(
              IntStream.range(0, 2).mapToObj(i -> "tag:project=p" + i + "|output_tokens/PT1H"),
              IntStream.range(0, USERS)
                  .boxed()
                  .flatMap(i ->
                      Stream.of(
                          "tag:user=u" + i + "|requests/PT20S",
                          "tag:user=u" + i + "|in_flight/now")))
          .toList();

  private final LimitsLog log = new LimitsLog("acme");
  private final Map<JobId, Stake> live = new LinkedHashMap<>();
  private final List<Stake> over = new ArrayList<>();
  private Limits limits = new Limits();
  private Instant now = BEGIN;

  private static Limit limit(Part part, Unit unit, Window window, long amount) {
    OnExceeded late = amount % 3 == 0 ? OnExceeded.REJECT : OnExceeded.HOLD;
    return new Limit(part, unit, window, amount, late, Optional.empty());
  }

  private static Policy policy() {
    Policy.Tenant acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4).withLimits(LIMITS);
    return new Policy(
        1,
        Map.of("acme", acme),
        Map.of("p", pool()),
        Map.of(
            "m",
            new Policy.Model(
                "m", Optional.empty(), List.of(new Policy.Route("p", "x", 1)), List.of())),
        List.of(
            new Policy.Price(
                "v1",
                "p",
                "x",
                Instant.EPOCH,
                Map.of(TokenKind.INPUT, BigDecimal.ONE, TokenKind.OUTPUT, BigDecimal.TEN))));
  }

  private static Policy.Pool pool() {
    return new Policy.Pool(
        "p",
        Policy.ProviderKind.SIMULATED,
        List.of(),
        Optional.empty(),
        8,
        new Policy.Timeouts(LONGEST, LONGEST, LONGEST, LONGEST, LONGEST),
        Set.of("chat"),
        Policy.Simulation.DEFAULT,
        Optional.empty(),
        Optional.of(new Policy.Gpu("H100", 4, Optional.empty())),
        Policy.Affinity.NONE);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void nothingOvershootsAndAllIsGivenBack(long seed) {
    Random random = new Random(seed);
    limits.adopt(policy(), PriceBook.of(policy()), BEGIN);
    int released = 0;
    for (int step = 0; step < STEPS; step++) {
      now = now.plusMillis(random.nextInt(400));
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          Stake job = submitted(random);
          if (limits.admit(job, now) instanceof Verdict.Admitted) {
            put(JobId.create(now, 0, 0, random.nextLong()), job);
          }
        }
        case 2, 3 -> released += releaseAll();
        default -> endOne(random);
      }
      log.sweep(limits, 10, now);
      checkBounds();
      if (step % 500 == 499) {
        restart();
        checkBounds();
      }
    }
    assertTrue(released > 150, "released only " + released);
    for (JobId id : List.copyOf(live.keySet())) {
      end(id, Optional.empty());
      forget(id, Optional.empty());
    }
    readings(limits).forEach(reading -> assertEquals(0, reading.reserved()));
    nothingIsKeptOfValuesThatCountNoMore();
  }

  private void nothingIsKeptOfValuesThatCountNoMore() {
    now = now.plus(Duration.ofHours(2));
    log.sweep(limits, 1_000, now);
    assertEquals(0, log.values());
    assertEquals(limits.readings("acme", now), readings(limits));
  }

  private Stake submitted(Random random) {
    Map<String, String> tags = new HashMap<>();
    if (random.nextBoolean()) {
      tags.put("project", "p" + random.nextInt(2));
    }
    if (random.nextBoolean()) {
      tags.put("user", "u" + random.nextInt(USERS));
    }
    Demand demand =
        new Demand(
            List.of("a", "b", "c").get(random.nextInt(3)),
            tags,
            1 + random.nextInt(100),
            1 + random.nextInt(200),
            1,
            false,
            Optional.empty());
    return new Stake(
        "acme",
        "m",
        demand,
        now,
        now.plus(Duration.ofHours(1)),
        Stage.ADMITTED,
        Optional.empty(),
        false,
        Optional.empty());
  }

  private void put(JobId id, Stake job) {
    live.put(id, job);
    limits.apply(id, "acme", () -> job);
  }

  private int releaseAll() {
    int released = 0;
    for (Map.Entry<JobId, Stake> entry : List.copyOf(live.entrySet())) {
      Stake job = entry.getValue();
      if (job.stage() == Stage.ADMITTED
          && limits.holdsBack(entry.getKey(), "acme", () -> job, now).isEmpty()) {
        put(entry.getKey(), moved(job, Stage.RELEASED, true, Optional.empty()));
        released++;
      }
    }
    return released;
  }

  private Stake moved(Stake job, Stage stage, boolean inFlight, Optional<Spent> spent) {
    return new Stake(
        job.tenant(),
        job.model(),
        job.demand(),
        job.createdAt(),
        job.deadline(),
        stage,
        Optional.of(job.startedAt().orElse(now)),
        inFlight,
        spent);
  }

  private void endOne(Random random) {
    if (live.isEmpty()) {
      return;
    }
    List<JobId> ids = List.copyOf(live.keySet());
    JobId id = ids.get(random.nextInt(ids.size()));
    Stake job = live.get(id);
    boolean delivered = job.stage() == Stage.RELEASED && random.nextInt(4) > 0;
    Optional<Spent> spent = Optional.empty();
    if (delivered) {
      long input = 1 + random.nextLong(job.demand().inputTokens());
      long output = 1 + random.nextLong(job.demand().maxOutputTokens());
      long picoUsd = (input + 10 * output) * 1_000_000;
      long gpu = random.nextLong(30_000_000);
      spent = Optional.of(new Spent(limits.nextSequence(), input, output, picoUsd, now, gpu));
    }
    end(id, spent);
    if (random.nextInt(20) == 0) {
      dieWhileForgetting(id, spent, random);
    }
    forget(id, spent);
  }

  private void end(JobId id, Optional<Spent> spent) {
    Stake before = live.get(id);
    put(
        id,
        new Stake(
            before.tenant(),
            before.model(),
            before.demand(),
            before.createdAt(),
            before.deadline(),
            Stage.ENDED,
            before.startedAt(),
            false,
            spent));
    if (spent.isPresent()) {
      over.add(live.get(id));
    }
  }

  private void forget(JobId id, Optional<Spent> spent) {
    live.remove(id);
    limits.forget(id, "acme", spent);
    log.keep(limits, now);
  }

  /// The log has some of what is to be kept of the job's answer, and the job.
  private void dieWhileForgetting(JobId id, Optional<Spent> spent, Random random) {
    Map<String, List<Long>> before = byName(readings(limits));
    limits.forget(id, "acme", spent);
    log.keepSome(limits, now, random);
    limits = log.restored();
    limits.adopt(policy(), PriceBook.of(policy()), now);
    live.forEach((each, job) -> limits.apply(each, "acme", () -> job));
    assertEquals(before, byName(readings(limits)), "after a restart amid forgetting");
  }

  /// Another process takes over: it has what the log keeps and the live jobs, nothing else.
  private void restart() {
    Map<String, List<Long>> before = byName(readings(limits));
    limits = log.restored();
    limits.adopt(policy(), PriceBook.of(policy()), now);
    live.forEach((id, job) -> limits.apply(id, "acme", () -> job));
    assertEquals(before, byName(readings(limits)), "after a restart");
  }

  private List<Reading> readings(Limits of) {
    return LimitsLog.readings(of, "acme", VALUES, now);
  }

  private static Map<String, List<Long>> byName(List<Reading> readings) {
    Map<String, List<Long>> all = new HashMap<>();
    for (Reading reading : readings) {
      if (reading.used() + reading.reserved() > 0) {
        all.put(reading.key(), List.of(reading.used(), reading.reserved(), reading.left()));
      }
    }
    return all;
  }

  private void checkBounds() {
    for (Reading reading : readings(limits)) {
      assertTrue(reading.reserved() >= 0, reading.toString());
      assertTrue(
          reading.used() + reading.reserved() <= reading.limit().amount(), reading.toString());
    }
    Instant minuteAgo = now.minus(Duration.ofMinutes(1));
    long requests =
        live.values().stream()
                .filter(job -> job.stage() != Stage.ENDED && startedAfter(job, minuteAgo))
                .count()
            + over.stream().filter(job -> startedAfter(job, minuteAgo)).count();
    assertTrue(requests <= 40, requests + " requests in a minute");
    usersKeepTheirRates();
    long inFlight = live.values().stream().filter(Stake::inFlight).count();
    assertTrue(inFlight <= 12, inFlight + " in flight");
  }

  /// Counted here anew, for what is forgotten too soon leaves no reading.
  private void usersKeepTheirRates() {
    Instant since = now.minusSeconds(20);
    Map<String, Long> starts =
        Stream.concat(
                over.stream(), live.values().stream().filter(job -> job.stage() != Stage.ENDED))
            .filter(job -> startedAfter(job, since) && job.demand().tags().containsKey("user"))
            .collect(
                Collectors.groupingBy(
                    job -> job.demand().tags().get("user"), Collectors.counting()));
    starts.forEach((user, count) -> assertTrue(count <= 4, user + " began " + count));
  }

  private static boolean startedAfter(Stake job, Instant at) {
    return job.startedAt().map(started -> started.isAfter(at)).orElse(false);
  }
}
