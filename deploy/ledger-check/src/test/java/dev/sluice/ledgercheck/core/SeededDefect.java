package dev.sluice.ledgercheck.core;

import static dev.sluice.ledgercheck.core.Edit.every;
import static dev.sluice.ledgercheck.core.Edit.first;
import static dev.sluice.ledgercheck.core.Edit.withCopy;
import static dev.sluice.ledgercheck.core.Edit.without;
import static dev.sluice.ledgercheck.core.Records.with;

import dev.sluice.ledgercheck.core.Call.Ended;
import dev.sluice.ledgercheck.core.Call.How;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// What a wrong Sluice would leave in the ledgers, one defect a case, and the promise it breaks.
enum SeededDefect {
  LOST_JOB(Invariant.I1, l -> Edit.readings(l, without(reading -> reading.jobId().equals(job(1))))),
  JOB_NEVER_ENDS(
      Invariant.I1,
      l -> Edit.readings(l, every(ofJob(1), r -> with(r, "state", JobState.RUNNING)))),
  ACCEPTED_JOB_FORGOTTEN_BY_ALL(
      Invariant.I1, l -> Edit.readings(l, every(ofJob(2), r -> with(r, "state", JobState.ABSENT)))),
  PHANTOM_CALL(
      Invariant.I2,
      l ->
          Edit.calls(
              l,
              withCopy(
                  c -> true,
                  c -> with(c, "id", "x", "marker", "mark-x-000000", "job", Optional.empty())))),
  PHANTOM_ROW(
      Invariant.I2,
      l ->
          Edit.costs(
              l,
              withCopy(r -> true, r -> with(r, "entryId", "x", "jobId", "job_x", "marker", "")))),
  ONE_POST_TWO_JOBS(
      Invariant.I2,
      l -> Edit.costs(l, withCopy(attempt(1), r -> with(r, "entryId", "x", "jobId", "job_x")))),
  KEY_ADMITS_TWO_JOBS(
      Invariant.I3,
      l ->
          Edit.answers(
              keyed(l),
              withCopy(
                  a -> a.marker().equals(mark(1)),
                  a -> with(a, "jobId", Optional.of("job_" + mark(900)))))),
  TWO_POSTS_ONE_JOB(Invariant.I2, l -> answer(l, 3, a -> with(a, "jobId", Optional.of(job(1))))),
  REFUSED_YET_RUN(Invariant.I2, l -> answer(l, 1, a -> bare(a, 422, true))),
  NEVER_SENT_YET_RUN(Invariant.I2, l -> answer(l, 1, a -> bare(a, 0, false))),
  CALL_UNDER_ANOTHER_JOB(
      Invariant.I2,
      l ->
          Edit.calls(
              l, first(c -> c.marker().equals(mark(1)), c -> with(c, "job", Optional.of(job(2)))))),
  ROW_UNDER_ANOTHER_JOB(
      Invariant.I2, l -> Edit.costs(l, first(attempt(1), r -> with(r, "jobId", job(2))))),
  TWO_ENDS(Invariant.I4, l -> reading(l, Channel.EVENTS, r -> with(r, "state", JobState.FAILED))),
  END_CHANGED_BY_RESTART(
      Invariant.I4,
      l -> reading(l, Channel.GET_AFTER_RESTART, r -> with(r, "state", JobState.EXPIRED))),
  RUNS_AGAIN_AFTER_ITS_END(
      Invariant.I4,
      l -> reading(l, Channel.GET_AFTER_RESTART, r -> with(r, "state", JobState.RUNNING))),
  CANCEL_TAKEN_BACK(
      Invariant.I4,
      l ->
          Edit.readings(
              l,
              every(r -> r.state() == JobState.CANCELLED, r -> with(r, "state", JobState.FAILED)))),
  LONG_POLL_SHOWS_ANOTHER_RESULT(
      Invariant.I5,
      l -> reading(l, Channel.LONG_POLL, r -> with(r, "served", Optional.of(resultOf(l, 2))))),
  UNREADABLE_AFTER_RESTART(
      Invariant.I5,
      l -> reading(l, Channel.GET_AFTER_RESTART, r -> with(r, "state", JobState.UNREADABLE))),
  JOB_SHOWS_ANOTHER_COST(
      Invariant.I5,
      l ->
          Edit.readings(
              l,
              first(
                  ofJob(1).and(r -> r.cost().isPresent()),
                  r ->
                      with(
                          r,
                          "cost",
                          Optional.of(
                              new Reading.ShownCost(Optional.of(1L), Optional.of(1L), false)))))),
  ANSWERED_YET_FAILED(
      Invariant.I5, l -> Edit.readings(l, every(ofJob(4), r -> endedBare(r, JobState.FAILED)))),
  MISSING_ATTEMPT_ROW(Invariant.I6, l -> Edit.costs(l, without(attempt(1)))),
  MISSING_ROW_OF_REFUSED_CALL(
      Invariant.I6,
      l ->
          Edit.costs(
              l,
              without(r ->
                  r.total() == 0
                      && r.at().isBefore(l.disturbances().getFirst().at())
                      && r.at().isBefore(l.posts().getLast().at().minusSeconds(60))))),
  MISSING_ROW_OF_CALL_REFUSED_BEFORE_A_CANCEL(
      Invariant.I6, l -> Edit.costs(l, without(ofCallRefusedBeforeACancel(l)))),
  CANCELLED_CALL_OF_A_KILLED_WORKER_FORGOTTEN(
      Invariant.I6,
      l -> Edit.costs(l, without(r -> r.marker().equals(l.cancels().getLast().marker())))),
  ATTEMPT_ROW_TWICE(
      Invariant.I6,
      l -> Edit.costs(l, withCopy(attempt(1), r -> with(r, "entryId", r.entryId() + "b")))),
  CALL_REPEATED_WITHOUT_FAULT(
      Invariant.I7,
      l ->
          Edit.calls(
              l,
              withCopy(
                  c -> c.marker().equals(mark(1)),
                  c -> again(c, new Tokens(1, 0, 1, 0), c.ended().at().plusMillis(10))))),
  MORE_CALLS_THAN_THE_POLICY_ALLOWS(
      Invariant.I7,
      l -> {
        Ledgers more = l;
        for (int i = 0; i < 3; i++) {
          more =
              Edit.calls(
                  more,
                  withCopy(
                      c -> c.fault() == ProviderFault.UNAVAILABLE_503, UnaryOperator.identity()));
        }
        return more;
      }),
  DOUBLE_CHARGE(
      Invariant.I8,
      l -> Edit.costs(l, withCopy(charge(1), r -> with(r, "entryId", r.entryId() + "b")))),
  SAME_CHARGE_ROW_TWICE(
      Invariant.I8, l -> Edit.costs(l, withCopy(charge(1), UnaryOperator.identity()))),
  MISSING_CHARGE(Invariant.I8, l -> Edit.costs(l, without(charge(1)))),
  UNANSWERED_JOB_DELIVERED_FREE(
      Invariant.I8,
      l -> {
        String marker =
            l.answers().stream()
                .filter(answer -> answer.httpStatus() == 0 && answer.sent())
                .findFirst()
                .orElseThrow()
                .marker();
        return Edit.costs(l, without(row -> row.marker().equals(marker)));
      }),
  CHARGE_PER_ATTEMPT(
      Invariant.I8, l -> Edit.costs(l, withCopy(attempt(1), r -> asKind(r, CostEntry.CHARGE)))),
  WRONG_SUM(
      Invariant.I8,
      l ->
          Edit.costs(
              l, first(charge(1), r -> with(r, "chargedPico", r.chargedPico().map(p -> p + 1))))),
  UNPRICED_AS_ZERO(
      Invariant.I8,
      l ->
          Edit.costs(
              l,
              first(
                  r -> r.unpriced() && r.kind().equals(CostEntry.CHARGE),
                  r ->
                      with(
                          r,
                          "chargedPico",
                          Optional.of(0L),
                          "owedPico",
                          Optional.of(0L),
                          "unpriced",
                          false)))),
  CHARGED_FOR_ANOTHER_CALL(
      Invariant.I8, l -> Edit.costs(l, first(charge(1), r -> counting(r, Map.of("input", 9L))))),
  FAILED_BEFORE_ANY_TOKEN_YET_CHARGED(
      Invariant.I8,
      l ->
          Edit.readings(
              Edit.calls(
                  l,
                  every(
                      c -> c.marker().equals(mark(1)),
                      c -> c.withEnd(new Ended(c.ended().at(), How.COMPLETE, 0, false, 0)))),
              every(ofJob(1), r -> endedBare(r, JobState.FAILED)))),
  AGGREGATE_DIFFERS(
      Invariant.I8,
      l -> with(l, "totals", l.totals().map(t -> new Totals(t.chargedPico() - 1, t.owedPico())))),
  WRONG_OWED_SUM(
      Invariant.I9,
      l ->
          Edit.costs(l, first(attempt(1), r -> with(r, "owedPico", r.owedPico().map(p -> p - 1))))),
  WRONG_USAGE(
      Invariant.I9,
      l ->
          Edit.costs(
              l,
              first(
                  attempt(1),
                  r -> {
                    Map<String, Long> tokens = new HashMap<>(r.tokens());
                    tokens.merge("output", 1L, Long::sum);
                    return counting(r, tokens);
                  }))),
  ESTIMATE_SOLD_AS_REPORTED(
      Invariant.I9,
      l -> Edit.costs(l, first(r -> r.estimated(), r -> with(r, "usageSource", "REPORTED")))),
  USAGE_DROPPED_ON_RESET(
      Invariant.I9, l -> Edit.costs(l, first(r -> r.estimated(), r -> counting(r, Map.of())))),
  USAGE_REPORTED_OF_CALL_REFUSED_BEFORE_A_CANCEL(
      Invariant.I9,
      l ->
          Edit.costs(
              l, first(ofCallRefusedBeforeACancel(l), r -> counting(r, Map.of("input", 9L))))),
  COUNTS_READ_BEFORE_A_CANCEL_ALTERED(
      Invariant.I9,
      l ->
          Edit.costs(
              l, first(ofCallClosedAfterItsCounts(l), r -> counting(r, Map.of("input", 9L))))),
  ESTIMATE_FAR_OFF(
      Invariant.I9,
      l ->
          Edit.costs(
              l,
              first(r -> r.estimated(), r -> counting(r, Map.of("input", 50L, "output", 400L))))),
  CALL_AFTER_CANCEL(
      Invariant.I13,
      l ->
          Edit.calls(
              l,
              first(
                  c -> c.ended().how() == How.CLOSED_BY_CALLER,
                  c -> with(c, "beganAt", c.beganAt().plusSeconds(3))))),
  CANCEL_LEAVES_THE_CALL_OPEN(
      Invariant.I13,
      l ->
          Edit.calls(
              l,
              first(
                  c -> c.ended().how() == How.CLOSED_BY_CALLER,
                  c ->
                      c.withEnd(
                          new Ended(
                              c.ended().at().plusSeconds(9),
                              How.CLOSED_BY_CALLER,
                              30,
                              false,
                              9))))),
  CANCELLED_UNASKED(
      Invariant.I13,
      l ->
          Edit.readings(
              answer(l, 1, a -> bare(a, 202, true)),
              every(ofJob(1), r -> endedBare(r, JobState.CANCELLED)))),
  SWAPPED_RESULTS(
      Invariant.NONCE,
      l ->
          Edit.readings(
              Edit.readings(
                  l, every(ofJob(1), r -> with(r, "served", r.served().map(_ -> resultOf(l, 3))))),
              every(ofJob(3), r -> with(r, "served", r.served().map(_ -> resultOf(l, 1)))))),
  FOREIGN_NONCE(
      Invariant.NONCE,
      l ->
          Edit.answers(
              l,
              first(
                  Answer::complete,
                  a -> with(a, "served", Optional.of(Served.of("nonce-aaaaaaaaaaaaaaaa")))))),
  ALTERED_ANSWER(
      Invariant.NONCE,
      l ->
          Edit.answers(
              l,
              first(
                  Answer::complete,
                  a ->
                      with(
                          a,
                          "served",
                          Optional.of(new Served(a.served().get().nonce(), "0000000000000000")))))),
  SUCCEEDED_WITHOUT_RESULT(
      Invariant.NONCE,
      l -> Edit.readings(l, every(ofJob(1), r -> with(r, "served", Optional.empty())))),
  TENANT_KEY_SENT_TO_THE_PROVIDER(
      Invariant.KEY, l -> Edit.calls(l, first(c -> true, c -> with(c, "key", "sk-tenant")))),
  REFUSED_BY_A_LIMIT_YET_RUN(
      Invariant.I2, "refused with 429, yet run", l -> answer(l, 1, a -> bare(a, 429, true))),
  PAID_BY_ANOTHER_TENANT(
      Invariant.I2,
      "a cost row of tenant",
      l -> Edit.costs(l, first(charge(1), r -> with(r, "tenant", Account.CAPPED.id())))),
  SHARED_CALL_WITHOUT_ROW(
      Invariant.I6,
      "has no row",
      l ->
          Edit.costs(l, without(r -> r.marker().equals(mark(l, Account.ECHO_B, 1)) && attempt(r)))),
  ROW_OF_ANOTHER_PROVIDERS_MODEL(
      Invariant.I9,
      "has no row",
      l ->
          Edit.costs(l, first(attempt(1), r -> with(r, "providerModel", PriceTable.SECOND_MODEL)))),
  TOO_MANY_IN_A_WINDOW(
      Invariant.I10, "at most 2 jobs in 60 s, yet 3", l -> thirdPacedCallWithin(l)),
  TOO_DEAR_IN_A_WINDOW(Invariant.I10, "pico-USD in 60 s, yet", l -> thirdPacedCallWithin(l)),
  TOO_MANY_AT_ONCE(
      Invariant.I10,
      "at most 1 jobs in flight, yet 2",
      l -> {
        Call one = call(l, mark(l, Account.NARROW, 1));
        String other = mark(l, Account.NARROW, 2);
        return Edit.calls(
            l,
            first(
                c -> c.marker().equals(other),
                c -> with(c, "beganAt", one.beganAt().plusMillis(5))));
      }),
  BUDGET_OVERSHOT(
      Invariant.I10,
      "pico-USD, yet",
      l -> {
        String more = mark(1);
        return Edit.costs(
            Edit.posts(
                l, first(p -> p.marker().equals(more), p -> with(p, "account", Account.CAPPED))),
            every(r -> r.marker().equals(more), r -> with(r, "tenant", Account.CAPPED.id())));
      }),
  RESERVATION_LEAKED(
      Invariant.I10,
      "still reserved at the end",
      l -> Edit.quotas(l, first(q -> !q.restarted(), q -> with(q, "reserved", 1)))),
  RESERVATION_COMES_BACK_WITH_A_RESTART(
      Invariant.I10,
      "still reserved after the restart",
      l -> Edit.quotas(l, first(QuotaReading::restarted, q -> with(q, "reserved", 1)))),
  USED_BUT_NOT_CHARGED(
      Invariant.I10,
      "are used at the end, by rows",
      l ->
          Edit.quotas(
              l,
              first(
                  q -> q.account() == Account.CAPPED && !q.restarted(),
                  q -> with(q, "used", q.used() + 1, "reserved", 0)))),
  JOBS_FORGOTTEN_BY_A_RESTART(
      Invariant.I10,
      "are used after the restart, by rows",
      l ->
          Edit.quotas(
              l,
              first(
                  q -> q.account() == Account.ECHO_A && q.restarted(),
                  q -> with(q, "used", q.used() - 1, "reserved", 0)))),
  LIMIT_FORGOTTEN(
      Invariant.I10,
      "is not among the quotas",
      l -> Edit.quotas(l, without(q -> q.account() == Account.NARROW && q.restarted()))),
  GIVEN_TO_ANOTHER_TENANT(
      Invariant.I12,
      "an answer of tenant",
      l ->
          Edit.posts(
              l,
              first(
                  p -> p.marker().equals(mark(l, Account.ECHO_A, 2)),
                  p -> with(p, "account", Account.ECHO_B)))),
  GIVEN_UNASKED(
      Invariant.I12, "without asking", l -> secondEcho(l, p -> with(p, "cache", Optional.empty()))),
  GIVEN_THOUGH_A_NEW_ONE_WAS_WANTED(
      Invariant.I12,
      "without asking",
      l ->
          secondEcho(
              l, p -> with(p, "cache", Optional.of(new CacheWish(CacheWish.Mode.REFRESH, 30))))),
  GIVEN_TOO_OLD(
      Invariant.I12,
      "older than 1 s",
      l -> secondEcho(l, p -> with(p, "cache", Optional.of(new CacheWish(CacheWish.Mode.USE, 1))))),
  GIVEN_TO_ANOTHER_REQUEST(
      Invariant.I12,
      "the answer to another request",
      l -> secondEcho(l, p -> with(p, "surface", Surface.CHAT_STREAM))),
  GIVEN_TO_ANOTHER_QUESTION(
      Invariant.NONCE,
      "the answer to",
      l ->
          Edit.readings(
              l,
              every(
                  r -> r.jobId().equals("job_" + mark(l, Account.ECHO_A, 2)),
                  r -> with(r, "served", r.served().map(_ -> resultOf(l, 1)))))),
  GIVEN_YET_CALLED(
      Invariant.I12,
      "was given an answer, yet called",
      l ->
          Edit.costs(
              l,
              withCopy(
                  r -> r.marker().equals(mark(l, Account.ECHO_A, 2)),
                  r -> asKind(r, CostEntry.ATTEMPT)))),
  HIT_CHARGED_IN_FULL(
      Invariant.I12,
      "should be charged",
      l ->
          Edit.costs(
              l,
              first(
                  CostEntry::givenAgain,
                  r -> with(r, "chargedPico", r.chargedPico().map(p -> p * 4))))),
  HIT_NAMES_ANOTHER_JOB(
      Invariant.I12,
      "does not say that",
      l -> shown(l, 2, new Reading.ShownCache("hit", Optional.of(job(1))))),
  OWN_ANSWER_SOLD_AS_A_HIT(
      Invariant.I12,
      "charged as given again",
      l -> Edit.costs(l, first(charge(1), r -> with(r, "usageSource", "CACHE")))),
  OWN_ANSWER_SHOWN_AS_A_HIT(
      Invariant.I12,
      "a call of its own, but shows",
      l -> shown(l, 1, new Reading.ShownCache("hit", Optional.of(job(1))))),
  FAILED_WITH_ITS_PROVIDER(
      Invariant.FAILOVER,
      "the other one was not asked",
      l -> {
        String met = metOutage(l);
        return Edit.readings(
            Edit.calls(
                l, without(c -> c.marker().equals(met) && c.fault() != ProviderFault.OUTAGE)),
            every(r -> r.jobId().equals("job_" + met), r -> endedBare(r, JobState.FAILED)));
      }),
  THE_DEAD_ARE_ASKED_FOR_LONG(
      Invariant.FAILOVER,
      "had been down for long",
      l ->
          Edit.calls(
              l,
              withCopy(
                  c -> c.fault() == ProviderFault.OUTAGE,
                  c -> again(c, c.tokens(), c.ended().at().plusSeconds(9)))));

  final Invariant breaks;

  /// Part of what must be found.
  final String says;

  final UnaryOperator<Ledgers> defect;

  SeededDefect(Invariant breaks, UnaryOperator<Ledgers> defect) {
    this(breaks, "", defect);
  }

  SeededDefect(Invariant breaks, String says, UnaryOperator<Ledgers> defect) {
    this.breaks = breaks;
    this.says = says;
    this.defect = defect;
  }

  /// Changes what came back for a post.
  private static Ledgers answer(Ledgers l, int post, UnaryOperator<Answer> change) {
    return Edit.answers(l, first(a -> a.marker().equals(mark(post)), change));
  }

  private static Answer bare(Answer a, int status, boolean sent) {
    return with(
        a, "httpStatus", status, "sent", sent, "complete", false, "served", Optional.empty());
  }

  /// Changes what a channel says of the first job.
  private static Ledgers reading(Ledgers l, Channel channel, UnaryOperator<Reading> change) {
    return Edit.readings(l, first(ofJob(1).and(r -> r.channel() == channel), change));
  }

  private static Reading endedBare(Reading r, JobState state) {
    return with(r, "state", state, "served", Optional.empty());
  }

  /// Other tokens at the price that they have.
  private static CostEntry counting(CostEntry r, Map<String, Long> tokens) {
    String amount = attempt(r) ? "owedPico" : "chargedPico";
    long price = PriceTable.OF_THE_CHECK.pico(r.providerModel(), tokens).orElse(0);
    return with(r, "tokens", tokens, amount, Optional.of(price));
  }

  private static CostEntry asKind(CostEntry r, String kind) {
    return with(r, "kind", kind, "chargedPico", r.owedPico(), "owedPico", r.chargedPico());
  }

  private static Call again(Call c, Tokens tokens, Instant at) {
    Ended ended = new Ended(at.plusMillis(50), How.COMPLETE, tokens.completion(), true, 1);
    return with(
        c,
        "id",
        c.id() + "-again",
        "beganAt",
        at,
        "tokens",
        tokens,
        "nonce",
        "nonce-ffffffffffffffff",
        "ended",
        ended);
  }

  /// The third of the paced jobs begins with the other two.
  private static Ledgers thirdPacedCallWithin(Ledgers l) {
    Call second = call(l, mark(l, Account.PACED, 2));
    String third = mark(l, Account.PACED, 3);
    return Edit.calls(
        l,
        first(
            c -> c.marker().equals(third),
            c -> with(c, "beganAt", second.beganAt().plusMillis(1))));
  }

  /// Changes the post that was given the first echo's answer.
  private static Ledgers secondEcho(Ledgers l, UnaryOperator<Post> change) {
    String marker = mark(l, Account.ECHO_A, 2);
    return Edit.posts(l, first(p -> p.marker().equals(marker), change));
  }

  private static Ledgers shown(Ledgers l, int echo, Reading.ShownCache shown) {
    String job = "job_" + mark(l, Account.ECHO_A, echo);
    return Edit.readings(
        l,
        first(
            r -> r.jobId().equals(job) && r.cost().isPresent(),
            r -> with(r, "cache", Optional.of(shown))));
  }

  private static String metOutage(Ledgers l) {
    return l.calls().stream()
        .filter(call -> call.fault() == ProviderFault.OUTAGE)
        .findFirst()
        .orElseThrow()
        .marker();
  }

  private static Call call(Ledgers l, String marker) {
    return l.calls().stream()
        .filter(call -> call.marker().equals(marker))
        .findFirst()
        .orElseThrow();
  }

  /// The marker of an account's n-th post.
  private static String mark(Ledgers l, Account account, int number) {
    return l.posts().stream()
        .filter(post -> post.account() == account)
        .skip(number - 1L)
        .findFirst()
        .orElseThrow()
        .marker();
  }

  private static boolean attempt(CostEntry row) {
    return row.kind().equals(CostEntry.ATTEMPT);
  }

  /// The same with the first request sent under a key.
  static Ledgers keyed(Ledgers ledgers) {
    return Edit.posts(ledgers, first(p -> p.marker().equals(mark(1)), p -> with(p, "keyed", true)));
  }

  private static String mark(int number) {
    return Marker.of(7, number);
  }

  private static String job(int number) {
    return "job_" + mark(number);
  }

  private static Predicate<Reading> ofJob(int number) {
    return reading -> reading.jobId().equals(job(number));
  }

  private static Predicate<CostEntry> attempt(int number) {
    return row -> row.jobId().equals(job(number)) && row.kind().equals(CostEntry.ATTEMPT);
  }

  private static Predicate<CostEntry> charge(int number) {
    return row -> row.jobId().equals(job(number)) && row.kind().equals(CostEntry.CHARGE);
  }

  private static Predicate<CostEntry> ofCallRefusedBeforeACancel(Ledgers ledgers) {
    String marker =
        ledgers.calls().stream()
            .filter(call -> call.fault() == ProviderFault.THROTTLED_SECONDS)
            .findFirst()
            .orElseThrow()
            .marker();
    return row -> row.marker().equals(marker);
  }

  private static Predicate<CostEntry> ofCallClosedAfterItsCounts(Ledgers ledgers) {
    String marker =
        ledgers.calls().stream()
            .filter(call -> call.ended().usageSent() && !call.reported())
            .findFirst()
            .orElseThrow()
            .marker();
    return row -> row.marker().equals(marker);
  }

  private static Served resultOf(Ledgers ledgers, int number) {
    return ledgers.readings().stream()
        .filter(ofJob(number))
        .flatMap(reading -> reading.served().stream())
        .findFirst()
        .orElseThrow();
  }
}
