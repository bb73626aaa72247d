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
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Stake.Stage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Alerts of budgets over hours of answers, in one task or in three that tell the first, with
/// commits and crashes between them, against the plain sums of all answers.
class AlarmsPropertyTest {
  private static final Instant BEGIN = Instant.parse("2026-11-21T08:00:00Z");
  private static final int STEPS = 3_000;
  private static final List<BigDecimal> FRACTIONS =
      List.of(new BigDecimal("0.5"), new BigDecimal("0.8"), BigDecimal.ONE);
  private static final long TENANT_PICO_USD = 1_000_003;
  private static final long PROJECT_REQUESTS = 7;

  private static final List<Limit> LIMITS =
      List.of(
          limit(new Part.Whole(), Unit.USD, TENANT_PICO_USD),
          limit(new Part.Tag("project", Optional.empty()), Unit.REQUESTS, PROJECT_REQUESTS));

  private static Limit limit(Part part, Unit unit, long amount) {
    return new Limit(
        part,
        unit,
        new Window.Calendar(Period.HOUR, ZoneOffset.UTC),
        amount,
        OnExceeded.HOLD,
        Optional.empty(),
        FRACTIONS);
  }

  private static final Policy POLICY =
      new Policy(
          1,
          Map.of(
              "acme",
              new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
                  .withLimits(LIMITS)),
          Map.of(),
          Map.of(),
          List.of());

  private static final Set<String> PROJECTS =
      Set.of(
          "tag:project=p0|requests/hour@Z",
          "tag:project=p1|requests/hour@Z",
          "tag:project=p2|requests/hour@Z");

  private static final Policy.Tenant TENANT = POLICY.tenant("acme").orElseThrow();

  /// One router task.
  private static final class Task {
    private final Map<JobId, Stake> kept = new LinkedHashMap<>();
    private final LimitsLog log = new LimitsLog("acme");
    private Limits limits = new Limits();
  }

  private final List<Task> tasks = new ArrayList<>();

  /// What each task but the first has told it, by budget.
  private final List<Map<String, Map<Long, Long>>> elsewhere = new ArrayList<>();

  private final Map<String, Long> used = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  /// Told again after a crash, once each.
  private final Set<String> uncertain = new HashSet<>();

  private final List<Alert> sent = new ArrayList<>();
  private Instant now = BEGIN;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void eachPartOfABudgetIsToldOnceAPeriodWhateverCrashes(long seed) {
    run(1, new Random(seed));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void ofATenantInThreeTasksTheFirstTellsTheSumOnce(long seed) {
    run(3, new Random(seed));
  }

  private void run(int count, Random random) {
    for (int i = 0; i < count; i++) {
      tasks.add(new Task());
      elsewhere.add(Map.of());
      tasks.get(i).limits.adopt(own(i), PriceBook.of(POLICY), now);
    }
    int crashes = 0;
    for (int step = 0; step < STEPS; step++) {
      now = now.plusMillis(random.nextInt(20_000));
      switch (random.nextInt(8)) {
        case 0, 1, 2, 3 -> answer(random);
        case 4, 5 -> tell(random.nextInt(count));
        case 6 -> commit(random.nextInt(count), random);
        default -> {
          int number = random.nextInt(count);
          if (random.nextInt(10) == 0) {
            crash(number);
            crashes++;
          } else if (random.nextInt(10) == 0) {
            // A policy that is read again changes nothing.
            Task task = tasks.get(number);
            task.limits.adopt(own(number), PriceBook.of(POLICY), now);
            task.kept.forEach((id, job) -> task.limits.apply(id, "acme", () -> job));
          }
        }
      }
      tasks.forEach(task -> task.log.sweep(task.limits, 2, now));
      // Before an hour is two hours ago all has been told.
      if (now.isAfter(now.truncatedTo(ChronoUnit.HOURS).plus(Duration.ofMinutes(50)))) {
        tellAll();
      }
    }
    tellAll();

    assertTrue(crashes > 10, "only " + crashes + " crashes");
    assertTrue(told.size() > 50, "only " + told.size() + " alerts");
    assertEquals(expected(), told);
  }

  /// An answer that may be accounted a little late, at times in the period before.
  private void answer(Random random) {
    // The first of several tasks uses nothing of its own for the first hours.
    int least = tasks.size() > 1 && now.isBefore(BEGIN.plus(Duration.ofHours(3))) ? 1 : 0;
    Task task = tasks.get(random.nextInt(least, tasks.size()));
    Instant at = now.minusMillis(random.nextInt(60_000));
    String project = "p" + random.nextInt(3);
    long picoUsd = random.nextLong(20_000);
    Stake job =
        new Stake(
            "acme",
            "m",
            new Demand("k", Map.of("project", project), 1, 1, 1, false, Optional.empty()),
            at,
            at.plus(Duration.ofHours(1)),
            Stage.ENDED,
            Optional.of(at),
            false,
            Optional.of(new Spent(task.limits.nextSequence(), 1, 1, picoUsd, at)));
    JobId id = JobId.create(now, 0, 0, random.nextLong());
    task.kept.put(id, job);
    task.limits.apply(id, "acme", () -> job);
    Instant hour = at.truncatedTo(ChronoUnit.HOURS);
    used.merge("usd/hour@Z|" + hour, picoUsd, Long::sum);
    used.merge("tag:project=" + project + "|requests/hour@Z|" + hour, 1L, Long::sum);
  }

  /// The first task alone tells; the others tell it what they have.
  private void tell(int number) {
    Limits limits = tasks.get(number).limits;
    Map<String, Map<Long, Long>> used = new HashMap<>(limits.budgets("acme", PROJECTS, now));
    if (number > 0) {
      elsewhere.set(number, used);
      return;
    }
    for (Map<String, Map<Long, Long>> other : elsewhere) {
      other.forEach((name, periods) -> used.merge(name, periods, AlarmsPropertyTest::sum));
    }
    for (Alert alert : limits.alerts(TENANT, used, now)) {
      assertTrue(told.add(alert.id()) || uncertain.remove(alert.id()), "again " + alert.id());
      sent.add(alert);
    }
  }

  private static Map<Long, Long> sum(Map<Long, Long> one, Map<Long, Long> other) {
    Map<Long, Long> sum = new HashMap<>(one);
    other.forEach((period, used) -> sum.merge(period, used, Long::sum));
    return sum;
  }

  private void tellAll() {
    for (int number = tasks.size() - 1; number >= 0; number--) {
      tell(number);
    }
  }

  /// What was sent is delivered, and some of the jobs are forgotten.
  private void commit(int number, Random random) {
    Limits limits = tasks.get(number).limits;
    Map<JobId, Stake> kept = tasks.get(number).kept;
    if (number == 0) {
      sent.forEach(limits::delivered);
      sent.clear();
    }
    int most = random.nextInt(1 + kept.size());
    for (JobId id : List.copyOf(kept.keySet()).subList(0, most)) {
      Stake job = kept.remove(id);
      limits.forget(id, "acme", job.spent());
    }
    tasks.get(number).log.keep(limits, now);
  }

  /// Another process has the log's image and the jobs that it keeps, nothing else.
  private void crash(int number) {
    Task task = tasks.get(number);
    Limits after = task.log.restored();
    after.adopt(own(number), PriceBook.of(POLICY), now);
    task.kept.forEach((id, job) -> after.apply(id, "acme", () -> job));
    task.limits = after;
    if (number == 0) {
      sent.forEach(alert -> uncertain.add(alert.id()));
      sent.clear();
    }
  }

  /// What a task has of the limits; alerts do not depend on it.
  private static Policy own(int number) {
    Policy.Tenant own =
        TENANT.withLimits(
            LIMITS.stream().map(limit -> limit.withAmount(limit.amount() / (number + 2))).toList());
    return new Policy(1, Map.of("acme", own), Map.of(), Map.of(), List.of());
  }

  private Set<String> expected() {
    Set<String> all = new HashSet<>();
    used.forEach((budget, amount) -> {
      long whole = budget.startsWith("usd") ? TENANT_PICO_USD : PROJECT_REQUESTS;
      for (BigDecimal fraction : FRACTIONS) {
        if (amount >= fraction.doubleValue() * whole) {
          all.add("acme|" + budget + "|" + fraction.toPlainString());
        }
      }
    });
    return all;
  }
}
