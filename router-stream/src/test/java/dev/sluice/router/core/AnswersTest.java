package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.CacheUse.Mode;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Answers that are given again: to whom, how long, at what price.
class AnswersTest {
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Digest REQUEST = new Digest(1, 2);
  private static final Policy POLICY = Jobs.policy(64);

  private final Answers answers = new Answers(3);

  private static Job asks(int number, Mode mode, Digest request) {
    return asks(number, "acme", mode, request);
  }

  private static Job asks(int number, String tenant, Mode mode, Digest request) {
    Job job = Jobs.waiting(number, tenant, Priority.STANDARD, 100);
    return CacheRule.admitted(job.caching(CacheUse.wished(mode, request, TTL)), POLICY);
  }

  private static Job answered(int number, Mode mode) {
    return Jobs.succeeded(asks(number, mode, REQUEST));
  }

  private Optional<CacheUse.Hit> hit(Job job, Instant now) {
    return CacheRule.hit(job, answers, POLICY, now);
  }

  private void learn(Job job) {
    Answers.of(job).ifPresent(answers::apply);
  }

  @Test
  void anEqualRequestIsGivenTheEarlierAnswer() {
    Job first = answered(1, Mode.USE);
    learn(first);

    Job second = asks(2, Mode.USE, REQUEST);
    CacheUse.Hit hit = hit(second, Jobs.NOW.plusSeconds(7)).orElseThrow();
    JobDecision.Moves moves =
        assertInstanceOf(
            JobDecision.Moves.class,
            JobMachine.decide(second, new JobCommand.Answer(hit), Jobs.moment()));

    assertEquals(first.id(), hit.answer().first());
    assertEquals(Duration.ofSeconds(7), hit.age(Jobs.NOW.plusSeconds(7)));
    assertEquals(List.of(new Notice.CacheCharge(), new Notice.Result()), moves.notices());
    Phase.Done done = assertInstanceOf(Phase.Done.class, moves.after().phase());
    assertEquals(Phase.Status.SUCCEEDED, done.status());
    assertEquals(List.of(), moves.after().progress().attempts());
    assertEquals(Optional.empty(), Answers.of(moves.after()), "an answer given is not kept again");
  }

  @Test
  void whoDoesNotAskIsNotGivenOneAndGivesNone() {
    learn(answered(1, Mode.OFF));
    learn(Jobs.succeeded(Jobs.waiting(2)));
    assertEquals(0, answers.size());

    learn(answered(3, Mode.USE));

    assertEquals(Optional.empty(), hit(asks(4, Mode.OFF, REQUEST), Jobs.NOW));
    assertEquals(Optional.empty(), hit(asks(5, Mode.REFRESH, REQUEST), Jobs.NOW));
    assertEquals(Optional.empty(), hit(Jobs.waiting(6), Jobs.NOW));
  }

  @Test
  void anAnswerThatIsAskedForAnewTakesThePlaceOfTheOldOne() {
    Job old = answered(1, Mode.USE);
    learn(old);
    Job anew = answered(2, Mode.REFRESH);
    learn(anew);
    learn(old);

    assertEquals(
        anew.id(), hit(asks(3, Mode.USE, REQUEST), Jobs.NOW).orElseThrow().answer().first());
    assertTrue(answers.holds(Answers.of(anew).orElseThrow()));
  }

  @Test
  void onlyAnAnswerThatSucceededIsKept() {
    learn(Jobs.failed(asks(1, Mode.USE, REQUEST)));
    learn(asks(2, Mode.USE, REQUEST));

    assertEquals(0, answers.size());
  }

  @Test
  void anAnswerIsAsOldAsWhatItsProviderSaidHoweverLateItsRouterLearntOfTheCall() {
    Instant back = Jobs.NOW.plusSeconds(8);
    Job released = Jobs.released(asks(1, Mode.USE, REQUEST));
    Job running = moved(released, Jobs.claim(1, 7), back);
    Job ended = moved(running, Jobs.success(1, 7, 1), back);
    learn(ended);

    assertEquals(back, assertInstanceOf(Phase.Done.class, ended.phase()).at());
    assertEquals(
        Duration.ofSeconds(8),
        hit(asks(2, Mode.USE, REQUEST), back).orElseThrow().age(back.plusMillis(5)));
  }

  @Test
  void noAnswerIsOlderThanItsQuestionWhateverItsWorkersClockSays() {
    Job asked = asks(1, Mode.USE, REQUEST);
    JobCommand.Outcome told = Jobs.success(1, 7, 1);
    Instant slow = asked.id().createdAt().minusSeconds(60);
    JobCommand.Outcome early =
        new JobCommand.Outcome(
            told.attempt(),
            told.claimId(),
            told.called(),
            told.failure(),
            told.streamed(),
            slow,
            slow,
            told.price(),
            told.spent(),
            told.position());
    learn(Jobs.after(Jobs.running(asked, 7), early));

    Instant now = Jobs.NOW.plusSeconds(3);
    assertEquals(
        Duration.between(asked.id().createdAt(), now),
        hit(asks(2, Mode.USE, REQUEST), now).orElseThrow().age(now));
  }

  private static Job moved(Job job, JobCommand command, Instant now) {
    return assertInstanceOf(
            JobDecision.Moves.class,
            JobMachine.decide(job, command, new JobMachine.Moment(POLICY, now, 0.5)))
        .after();
  }

  @Test
  void whoHasWaitedForAnAnswerIsGivenItHoweverLateItsJobEnded() {
    Job first = answered(1, Mode.USE);
    learn(first);
    Job waited = asks(2, Mode.USE, REQUEST);
    Instant late = Jobs.NOW.plus(TTL).plusSeconds(1);

    assertEquals(Optional.empty(), hit(waited, late));
    assertEquals(
        first.id(),
        CacheRule.awaited(waited, first.id(), answers, POLICY, late)
            .orElseThrow()
            .answer()
            .first());
    assertEquals(
        Optional.empty(),
        CacheRule.awaited(waited, Jobs.waiting(3).id(), answers, POLICY, late),
        "another's answer is as old as it is");
  }

  @Test
  void anAnswerEndsWithItsTimeAndWithTheAskersPatience() {
    learn(answered(1, Mode.USE));
    Job asks = asks(2, Mode.USE, REQUEST);
    CacheUse use = asks.cache().orElseThrow();
    Job hasty =
        asks.caching(CacheUse.wished(Mode.USE, REQUEST, Duration.ofSeconds(5)).under(use.plan()));

    assertTrue(hit(asks, Jobs.NOW.plus(TTL).minusMillis(1)).isPresent());
    assertEquals(Optional.empty(), hit(asks, Jobs.NOW.plus(TTL)));
    assertTrue(hit(hasty, Jobs.NOW.plusMillis(4_999)).isPresent());
    assertEquals(Optional.empty(), hit(hasty, Jobs.NOW.plusSeconds(5)));
    assertEquals(1, answers.expire(Jobs.NOW.plus(TTL)).size());
    assertEquals(0, answers.size());
  }

  @Test
  void whatIsTooMuchGoesFromTheOneThatEndsSoonest() {
    for (int i = 1; i <= 5; i++) {
      Job job = asks(i, Mode.USE, new Digest(i, i));
      CacheUse use = job.cache().orElseThrow();
      CacheUse longer = CacheUse.wished(Mode.USE, use.request(), TTL.plusSeconds(i));
      learn(Jobs.succeeded(job.caching(longer.under(use.plan()))));
    }

    assertEquals(2, answers.expire(Jobs.NOW).size());

    assertEquals(Optional.empty(), hit(asks(6, Mode.USE, new Digest(1, 1)), Jobs.NOW));
    assertTrue(hit(asks(7, Mode.USE, new Digest(5, 5)), Jobs.NOW).isPresent());
  }

  @Test
  void anErasedAnswerIsGivenToNobody() {
    Job first = answered(1, Mode.USE);
    learn(first);

    Job erased = Jobs.after(first, new JobCommand.Erase());

    assertEquals(Optional.empty(), Answers.of(erased));
    assertEquals(1, answers.forget(first.id()).size());
    assertEquals(Optional.empty(), hit(asks(2, Mode.USE, REQUEST), Jobs.NOW));
  }

  @Test
  void anotherPlanIsAnotherRequest() {
    Job asked = asks(1, Mode.USE, REQUEST);
    Policy moved =
        new Policy(
            2,
            POLICY.tenants(),
            POLICY.pools(),
            Map.of(
                "m",
                new Policy.Model(
                    "m", Optional.empty(), List.of(new Policy.Route("q", "x", 1)), List.of())),
            List.of());
    Job running = Jobs.running(asked, 7);

    JobDecision.Moves ended =
        assertInstanceOf(
            JobDecision.Moves.class,
            JobMachine.decide(
                running, Jobs.success(1, 7, 1), new JobMachine.Moment(moved, Jobs.NOW, 0.5)));

    assertEquals(Optional.empty(), Answers.of(ended.after()), "its plan is not what it was");
    learn(answered(2, Mode.USE));
    Job underMoved = CacheRule.admitted(asks(3, Mode.USE, REQUEST), moved);
    assertEquals(Optional.empty(), CacheRule.hit(underMoved, answers, moved, Jobs.NOW));
  }

  @Test
  void anAnswerGivenAgainCostsItsPartOfTheFirstPrice() {
    learn(answered(1, Mode.USE));
    Job asks = asks(2, Mode.USE, REQUEST);

    CacheUse.Hit free = hit(asks, Jobs.NOW).orElseThrow();
    CacheUse.Hit tenth = CacheRule.hit(asks, answers, priced("0.1"), Jobs.NOW).orElseThrow();

    assertEquals(0, BigDecimal.ZERO.compareTo(free.charged().orElseThrow()));
    assertEquals(0, BigDecimal.ONE.compareTo(free.saved().orElseThrow()));
    assertEquals(0, new BigDecimal("0.1").compareTo(tenth.charged().orElseThrow()));
    assertEquals(0, new BigDecimal("0.9").compareTo(tenth.saved().orElseThrow()));
  }

  private static Policy priced(String ratio) {
    Policy.Tenant acme =
        new Policy.Tenant(
            "acme",
            List.of(),
            Map.of(),
            Policy.OnCrash.RETRY,
            4,
            Policy.OwnTopics.NONE,
            List.of(),
            Optional.empty(),
            new Policy.AnswerCache(true, TTL, new BigDecimal(ratio)),
            1);
    return new Policy(1, Map.of("acme", acme), POLICY.pools(), POLICY.models(), POLICY.prices());
  }

  /// A million pairs of requests that differ in one thing only never share an answer.
  @Test
  void nothingThatDiffersSharesAnAnswer() {
    SplittableRandom random = new SplittableRandom(20261128);
    for (int i = 0; i < 1_000_000; i++) {
      Digest request = new Digest(random.nextLong(), random.nextLong());
      Digest plan = new Digest(random.nextLong(), random.nextLong());
      String tenant = "t" + random.nextInt(1_000);
      CacheUse use = CacheUse.wished(Mode.USE, request, TTL).under(plan);
      long bit = 1L << random.nextInt(64);
      Digest key = use.key(tenant);
      Digest other =
          switch (random.nextInt(4)) {
            case 0 -> use.key(tenant + random.nextInt(10));
            case 1 -> use.key("u" + tenant.substring(1));
            case 2 ->
                CacheUse.wished(Mode.USE, flipped(request, bit, random.nextBoolean()), TTL)
                    .under(plan)
                    .key(tenant);
            default -> use.under(flipped(plan, bit, random.nextBoolean())).key(tenant);
          };
      assertNotEquals(key, other);
      if (i % 1_000 == 0) {
        assertEquals(key, use.key(tenant));
      }
    }
  }

  private static Digest flipped(Digest digest, long bit, boolean high) {
    return high
        ? new Digest(digest.high() ^ bit, digest.low())
        : new Digest(digest.high(), digest.low() ^ bit);
  }
}
