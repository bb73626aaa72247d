package dev.sluice.ledgercheck.core;

import static dev.sluice.ledgercheck.core.Records.with;

import dev.sluice.ledgercheck.core.Call.Ended;
import dev.sluice.ledgercheck.core.Call.How;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Ledgers as a faultless Sluice would leave them behind: every kind of job once or more, with
/// provider faults, a kill, cancels and lost answers.
final class CampaignBuilder {
  static final String KEY = "provider-key";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant KILLED = START.plusSeconds(1000);
  private static final Duration WINDOW = Duration.ofSeconds(60);

  private final List<Post> posts = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private final List<CancelAnswer> cancels = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<CostEntry> costs = new ArrayList<>();
  private Instant down = START;
  private long paceAllowed;
  private int number;
  private Instant now = START;

  static Ledgers clean() {
    CampaignBuilder campaign = new CampaignBuilder();
    for (int i = 0; i < 5; i++) {
      campaign.answeredJobs();
    }
    campaign.faultyJobs();
    campaign.cancelledJobs();
    campaign.truncatedPlainAnswerOfAJobCancelledAfterwards();
    campaign.cancelledAfterTheCounts();
    campaign.unansweredPosts();
    campaign.limitedJobs();
    campaign.askedAgain();
    campaign.providerDown();
    campaign.jobsAroundTheKill();
    return campaign.build();
  }

  /// One job alone, so that its verdict can be looked at.
  static Ledgers only(Consumer<CampaignBuilder> job) {
    CampaignBuilder campaign = new CampaignBuilder();
    job.accept(campaign);
    return campaign.build();
  }

  private Ledgers build() {
    long charged = costs.stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum();
    long owed = costs.stream().mapToLong(row -> row.owedPico().orElse(0L)).sum();
    return new Ledgers(
        7,
        3,
        KEY,
        PriceTable.OF_THE_CHECK,
        limits(),
        posts,
        answers,
        cancels,
        calls,
        readings,
        costs,
        List.of(
            new Disturbance(Disturbance.Kind.KILL, "all", KILLED, KILLED.plusSeconds(4)),
            new Disturbance(Disturbance.Kind.OUTAGE, "first", down, down.plusSeconds(60))),
        limits().stream().flatMap(this::quotas).toList(),
        Optional.of(new Totals(charged, owed)));
  }

  private List<Limit> limits() {
    return List.of(
        new Limit(Account.PACED, Limit.Unit.REQUESTS, Optional.of(WINDOW), 2, false),
        new Limit(Account.PACED, Limit.Unit.USD, Optional.of(WINDOW), paceAllowed, false),
        new Limit(Account.NARROW, Limit.Unit.IN_FLIGHT, Optional.empty(), 1, false),
        new Limit(Account.CAPPED, Limit.Unit.USD, Optional.empty(), charged("capped"), true),
        new Limit(Account.ECHO_A, Limit.Unit.REQUESTS, Optional.empty(), 100, true));
  }

  private Stream<QuotaReading> quotas(Limit limit) {
    long used =
        switch (limit.account()) {
          case CAPPED -> charged("capped");
          case ECHO_A -> answered("echo-a");
          default -> 0;
        };
    Instant read = START.plus(Duration.ofHours(1));
    return Stream.of(false, true)
        .map(restarted ->
            new QuotaReading(
                limit.account(),
                limit.unit(),
                limit.rolling(),
                restarted,
                limit.amount(),
                used,
                0,
                read));
  }

  private long answered(String tenant) {
    return costs.stream()
        .filter(row -> row.tenant().equals(tenant) && row.kind().equals(CostEntry.CHARGE))
        .count();
  }

  private long charged(String tenant) {
    return costs.stream()
        .filter(row -> row.tenant().equals(tenant))
        .mapToLong(row -> row.chargedPico().orElse(0L))
        .sum();
  }

  private void limitedJobs() {
    succeed(of(Account.PACED), ProviderFault.NONE);
    succeed(of(Account.PACED), ProviderFault.NONE);
    paceAllowed = charged("paced");
    now = now.plus(WINDOW);
    succeed(of(Account.PACED), ProviderFault.NONE);
    succeed(of(Account.NARROW), ProviderFault.NONE);
    succeed(of(Account.NARROW), ProviderFault.NONE);
    succeed(of(Account.CAPPED), ProviderFault.NONE);
    succeed(of(Account.CAPPED), ProviderFault.NONE);
    Post refused = of(Account.CAPPED);
    answers.add(
        new Answer(refused.marker(), now, 429, true, Optional.empty(), false, Optional.empty()));
  }

  private Post of(Account account) {
    return post(
        account, Surface.JOB_WAIT, PriceTable.PRICED_MODEL, Optional.empty(), Optional.empty());
  }

  /// Of one tenant a first, a hit, a new one and one that waited for that; of the other tenant an
  /// answer of its own to the same question.
  private void askedAgain() {
    Post first = asks(Account.ECHO_A, CacheWish.Mode.USE);
    Call answer = succeed(first, ProviderFault.NONE);
    given(asks(Account.ECHO_A, CacheWish.Mode.USE), first, answer, "hit");
    succeed(asks(Account.ECHO_B, CacheWish.Mode.USE), ProviderFault.NONE);
    Post anew = asks(Account.ECHO_A, CacheWish.Mode.REFRESH);
    Call other = succeed(anew, ProviderFault.NONE);
    given(asks(Account.ECHO_A, CacheWish.Mode.USE), anew, other, "coalesced");
  }

  private Post asks(Account account, CacheWish.Mode mode) {
    return post(
        account,
        Surface.JOB_WAIT,
        PriceTable.PRICED_MODEL,
        Optional.of(Marker.ofQuestion(7, 1)),
        Optional.of(new CacheWish(mode, 30)));
  }

  private void given(Post post, Post by, Call answer, String kind) {
    long paid =
        PriceTable.OF_THE_CHECK.pico(PriceTable.PRICED_MODEL, answer.tokens().byKind()).getAsLong();
    costs.add(
        new CostEntry(
            jobOf(post),
            CostEntry.CHARGE,
            jobOf(post),
            1,
            post.account().id(),
            post.marker(),
            post.model(),
            Map.of(),
            Optional.of(paid * post.account().repeatPercent() / 100),
            Optional.of(0L),
            false,
            "CACHE",
            now));
    Optional<Served> served = Optional.of(served(answer));
    answer(post, 200, true, served);
    end(
        post,
        JobState.SUCCEEDED,
        served,
        Optional.of(new Reading.ShownCache(kind, Optional.of(jobOf(by)))));
  }

  private void providerDown() {
    down = now;
    Post met = post(Surface.JOB_WAIT, Plan.MODEL_OF_TWO);
    call(met, PriceTable.FIRST_MODEL, ProviderFault.OUTAGE, How.COMPLETE, 0, false);
    row(met, PriceTable.FIRST_MODEL, 1, Map.of(), "REPORTED");
    succeed(met, PriceTable.SECOND_MODEL, ProviderFault.NONE);
    now = now.plusSeconds(10);
    succeed(post(Surface.JOB_WAIT, Plan.MODEL_OF_TWO), PriceTable.SECOND_MODEL, ProviderFault.NONE);
  }

  private void answeredJobs() {
    for (Surface surface : Surface.values()) {
      succeed(post(surface, PriceTable.PRICED_MODEL), ProviderFault.NONE);
    }
    succeed(post(Surface.JOB, PriceTable.UNPRICED_MODEL), ProviderFault.NONE);
  }

  private void faultyJobs() {
    Post retried = post(Surface.JOB, PriceTable.PRICED_MODEL);
    call(retried, ProviderFault.UNAVAILABLE_503, How.COMPLETE, 0);
    row(retried, 1, Map.of(), "REPORTED");
    succeed(retried, ProviderFault.NONE);

    Post cut = post(Surface.CHAT_STREAM, PriceTable.PRICED_MODEL);
    Call half = call(cut, ProviderFault.RESET_MID_BODY, How.COMPLETE, 10);
    row(cut, 1, Map.of("input", half.tokens().prompt() + 3, "output", 12L), "ESTIMATED");
    answer(cut, 200, false, Optional.empty());
    end(cut, JobState.FAILED, Optional.empty());

    succeed(post(Surface.JOB, PriceTable.PRICED_MODEL), ProviderFault.MISSING_USAGE);
  }

  private void cancelledJobs() {
    Post early = post(Surface.JOB, PriceTable.PRICED_MODEL);
    answer(early, 202, false, Optional.empty());
    cancel(early);
    end(early, JobState.CANCELLED, Optional.empty());

    Post late = post(Surface.JOB_EVENTS, PriceTable.PRICED_MODEL);
    answer(late, 202, false, Optional.empty());
    Call stopped = call(late, ProviderFault.NONE, How.CLOSED_BY_CALLER, 30);
    row(late, 1, Map.of("input", stopped.tokens().prompt(), "output", 28L), "ESTIMATED");
    cancel(late);
    end(late, JobState.CANCELLED, Optional.empty());

    Post waiting = post(Surface.JOB, PriceTable.PRICED_MODEL);
    answer(waiting, 202, false, Optional.empty());
    call(waiting, ProviderFault.THROTTLED_SECONDS, How.COMPLETE, 0);
    row(waiting, 1, Map.of(), "REPORTED");
    cancel(waiting);
    end(waiting, JobState.CANCELLED, Optional.empty());
  }

  /// How much of a cut plain answer was read shows in no ledger, whether or not a cancel follows.
  void truncatedPlainAnswerOfAJobCancelledAfterwards() {
    Post post = post(Surface.JOB, PriceTable.PRICED_MODEL);
    answer(post, 202, false, Optional.empty());
    Call cut = call(post, ProviderFault.TRUNCATED, How.COMPLETE, 0);
    row(post, 1, Map.of("input", cut.tokens().prompt(), "output", 40L), "ESTIMATED");
    cancel(post);
    end(post, JobState.CANCELLED, Optional.empty());
  }

  /// Its provider was down, and each worker that went to the other one was killed before it called.
  void lostOnItsWayToTheOtherProvider() {
    now = KILLED.minusSeconds(1);
    down = now;
    Post post = post(Surface.JOB, Plan.MODEL_OF_TWO);
    answer(post, 202, false, Optional.empty());
    call(post, PriceTable.FIRST_MODEL, ProviderFault.OUTAGE, How.COMPLETE, 0, false);
    row(post, PriceTable.FIRST_MODEL, 1, Map.of(), "REPORTED");
    row(post, PriceTable.SECOND_MODEL, 2, Map.of("input", 72L), "UNKNOWN");
    end(post, JobState.FAILED, Optional.empty());
  }

  /// The cancel closed the stream when its counts had come, but not yet its end.
  void cancelledAfterTheCounts() {
    Post post = post(Surface.JOB_EVENTS, PriceTable.PRICED_MODEL);
    answer(post, 202, false, Optional.empty());
    Call told = call(post, ProviderFault.NONE, How.CLOSED_BY_CALLER, 60, true);
    row(post, 1, told.tokens().byKind(), "REPORTED");
    cancel(post);
    end(post, JobState.CANCELLED, Optional.empty());
  }

  private void unansweredPosts() {
    Post arrived = post(Surface.CHAT, PriceTable.PRICED_MODEL);
    answers.add(
        new Answer(arrived.marker(), now, 0, true, Optional.empty(), false, Optional.empty()));
    Call call = call(arrived, ProviderFault.NONE, How.COMPLETE, 0);
    row(arrived, 1, call.tokens().byKind(), "REPORTED");
    charge(arrived, arrived.model(), call.tokens().byKind(), "REPORTED");
    end(arrived, JobState.SUCCEEDED, Optional.of(served(call)));

    Post refused = post(Surface.JOB, PriceTable.PRICED_MODEL);
    answers.add(
        new Answer(refused.marker(), now, 0, false, Optional.empty(), false, Optional.empty()));
  }

  /// Nobody knows of a 503 whether the job was taken; all other tries never arrived.
  void unavailableBetweenTriesThatWereNotSent() {
    Post post = post(Surface.JOB, PriceTable.PRICED_MODEL);
    posts.replaceAll(each -> each.equals(post) ? with(post, "keyed", true) : each);
    for (int status : new int[] {0, 503, 0}) {
      answers.add(
          new Answer(
              post.marker(), now, status, status != 0, Optional.empty(), false, Optional.empty()));
    }
    Call call = call(post, ProviderFault.NONE, How.COMPLETE, 0);
    row(post, 1, call.tokens().byKind(), "REPORTED");
    charge(post, post.model(), call.tokens().byKind(), "REPORTED");
    end(post, JobState.SUCCEEDED, Optional.of(served(call)));
  }

  private void jobsAroundTheKill() {
    now = KILLED.minusSeconds(1);
    Post repeated = post(Surface.JOB, PriceTable.PRICED_MODEL);
    call(repeated, ProviderFault.NONE, How.COMPLETE, 0);
    row(repeated, 1, Map.of(), "UNKNOWN");
    succeed(repeated, ProviderFault.NONE);

    now = KILLED.minusSeconds(1);
    Post claimed = post(Surface.JOB, PriceTable.PRICED_MODEL);
    row(claimed, 1, Map.of(), "UNKNOWN");
    succeed(claimed, ProviderFault.NONE);

    now = KILLED.minusSeconds(1);
    Post claimedThenCut = post(Surface.JOB, PriceTable.PRICED_MODEL);
    row(claimedThenCut, 1, Map.of("input", 72L), "UNKNOWN");
    now = KILLED.plusSeconds(20);
    call(claimedThenCut, ProviderFault.TRUNCATED, How.COMPLETE, 0);
    row(claimedThenCut, 2, Map.of("input", 57L, "output", 62L), "ESTIMATED");
    succeed(claimedThenCut, ProviderFault.NONE);

    now = KILLED.minusSeconds(6);
    Post cancelledThenCut = post(Surface.JOB, PriceTable.PRICED_MODEL);
    answer(cancelledThenCut, 202, false, Optional.empty());
    Call cut = call(cancelledThenCut, ProviderFault.NONE, How.CLOSED_BY_CALLER, 4);
    row(cancelledThenCut, 1, Map.of("input", cut.tokens().prompt() + 30), "UNKNOWN");
    cancel(cancelledThenCut);
    end(cancelledThenCut, JobState.CANCELLED, Optional.empty());
  }

  private Call succeed(Post post, ProviderFault fault) {
    return succeed(post, post.model(), fault);
  }

  private Call succeed(Post post, String model, ProviderFault fault) {
    boolean counted = fault == ProviderFault.NONE;
    Call call = call(post, model, fault, How.COMPLETE, 0, counted);
    int attempt =
        1 + (int) costs.stream().filter(row -> row.marker().equals(post.marker())).count();
    String source = fault == ProviderFault.NONE ? "REPORTED" : "ESTIMATED";
    Map<String, Long> tokens =
        fault == ProviderFault.NONE
            ? call.tokens().byKind()
            : Map.of("input", call.tokens().prompt(), "output", call.tokens().completion() - 5);
    row(post, model, attempt, tokens, source);
    charge(post, model, tokens, source);
    Optional<Served> served = Optional.of(served(call));
    switch (post.surface()) {
      case JOB, JOB_EVENTS -> answer(post, 202, false, Optional.empty());
      case JOB_WAIT, CHAT, CHAT_STREAM -> answer(post, 200, true, served);
    }
    end(post, JobState.SUCCEEDED, served);
    return call;
  }

  private Post post(Surface surface, String model) {
    return post(Account.LEDGER, surface, model, Optional.empty(), Optional.empty());
  }

  private Post post(
      Account account,
      Surface surface,
      String model,
      Optional<String> question,
      Optional<CacheWish> cache) {
    now = now.plusSeconds(5);
    String marker = Marker.of(7, ++number);
    Post post =
        new Post(
            marker, account, question.orElse(marker), surface, model, cache, false, false, now);
    posts.add(post);
    return post;
  }

  private void answer(Post post, int status, boolean complete, Optional<Served> served) {
    answers.add(
        new Answer(post.marker(), now, status, true, Optional.of(jobOf(post)), complete, served));
  }

  private void cancel(Post post) {
    posts.replaceAll(each -> each.equals(post) ? with(post, "cancels", true) : each);
    cancels.add(new CancelAnswer(post.marker(), jobOf(post), now, now, 200, JobState.CANCELLED));
  }

  private Call call(Post post, ProviderFault fault, How how, long outputSent) {
    boolean counted = how == How.COMPLETE && fault == ProviderFault.NONE;
    return call(post, fault, how, outputSent, counted);
  }

  private Call call(Post post, ProviderFault fault, How how, long outputSent, boolean counted) {
    return call(post, post.model(), fault, how, outputSent, counted);
  }

  private Call call(
      Post post, String model, ProviderFault fault, How how, long outputSent, boolean counted) {
    int id = calls.size() + 1;
    Tokens tokens = new Tokens(40 + id, id % 7, 60 + id, id % 5);
    boolean whole = how == How.COMPLETE && !fault.excusesRetry();
    String nonce = "nonce-%016x".formatted(id);
    Served content = Served.of(nonce + " and words");
    Instant began = now;
    now = now.plusMillis(100);
    Call call =
        new Call(
            "call-" + id,
            began,
            post.question(),
            Optional.empty(),
            model,
            post.surface() == Surface.CHAT_STREAM || post.surface() == Surface.JOB_EVENTS,
            tokens,
            nonce,
            content.contentHash(),
            fault,
            KEY,
            new Ended(now, how, whole ? tokens.completion() : outputSent, counted, 500));
    calls.add(call);
    return call;
  }

  private void row(Post post, int attempt, Map<String, Long> tokens, String source) {
    row(post, post.model(), attempt, tokens, source);
  }

  private void row(Post post, String model, int attempt, Map<String, Long> tokens, String source) {
    String entryId = jobOf(post) + "/" + attempt + "/" + costs.size();
    costs.add(entry(post, model, entryId, CostEntry.ATTEMPT, attempt, tokens, source));
  }

  private void charge(Post post, String model, Map<String, Long> tokens, String source) {
    costs.add(entry(post, model, jobOf(post), CostEntry.CHARGE, 1, tokens, source));
  }

  private CostEntry entry(
      Post post,
      String model,
      String entryId,
      String kind,
      int attempt,
      Map<String, Long> tokens,
      String source) {
    boolean unpriced = model.equals(PriceTable.UNPRICED_MODEL);
    Optional<Long> none = unpriced ? Optional.empty() : Optional.of(0L);
    Optional<Long> price =
        unpriced
            ? Optional.empty()
            : Optional.of(PriceTable.OF_THE_CHECK.pico(model, tokens).getAsLong());
    boolean attemptRow = kind.equals(CostEntry.ATTEMPT);
    return new CostEntry(
        entryId,
        kind,
        jobOf(post),
        attempt,
        post.account().id(),
        post.marker(),
        model,
        tokens,
        attemptRow ? none : price,
        attemptRow ? price : none,
        unpriced,
        source,
        now);
  }

  private void end(Post post, JobState state, Optional<Served> served) {
    end(post, state, served, Optional.empty());
  }

  private void end(
      Post post, JobState state, Optional<Served> served, Optional<Reading.ShownCache> cache) {
    Optional<Reading.ShownCost> cost = Optional.of(shownCost(post));
    Instant read = START.plus(Duration.ofHours(1));
    for (Channel channel : Channel.values()) {
      boolean bare = channel == Channel.EVENTS || channel == Channel.LIST;
      readings.add(
          new Reading(
              jobOf(post),
              channel,
              read.plusSeconds(channel.ordinal()),
              state,
              bare ? Optional.empty() : served,
              bare ? Optional.empty() : cost,
              bare ? Optional.empty() : cache,
              Optional.empty()));
    }
  }

  private Reading.ShownCost shownCost(Post post) {
    List<CostEntry> own = costs.stream().filter(row -> row.marker().equals(post.marker())).toList();
    boolean unpriced = own.stream().anyMatch(CostEntry::unpriced);
    long charged = own.stream().mapToLong(row -> row.chargedPico().orElse(0L)).sum();
    long owed = own.stream().mapToLong(row -> row.owedPico().orElse(0L)).sum();
    return new Reading.ShownCost(
        unpriced ? Optional.empty() : Optional.of(charged),
        unpriced ? Optional.empty() : Optional.of(owed),
        unpriced);
  }

  private static Served served(Call call) {
    return new Served(call.nonce(), call.contentHash());
  }

  static String jobOf(Post post) {
    return "job_" + post.marker();
  }
}
