package dev.sluice.ledgercheck.core;

import dev.sluice.ledgercheck.core.Call.Ended;
import dev.sluice.ledgercheck.core.Call.How;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Ledgers as a faultless Sluice would leave them behind: every kind of job once or more, with
/// provider faults, a kill, cancels and lost answers.
final class CampaignBuilder {
  static final String KEY = "provider-key";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant KILLED = START.plusSeconds(1000);

  private final List<Post> posts = new ArrayList<>();
  private final List<Answer> answers = new ArrayList<>();
  private final List<CancelAnswer> cancels = new ArrayList<>();
  private final List<Call> calls = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<CostEntry> costs = new ArrayList<>();
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
        posts,
        answers,
        cancels,
        calls,
        readings,
        costs,
        List.of(new Disturbance(Disturbance.Kind.KILL, "all", KILLED, KILLED.plusSeconds(4))),
        Optional.of(new Totals(charged, owed)));
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
    charge(arrived, call.tokens().byKind(), "REPORTED");
    end(arrived, JobState.SUCCEEDED, Optional.of(served(call)));

    Post refused = post(Surface.JOB, PriceTable.PRICED_MODEL);
    answers.add(
        new Answer(refused.marker(), now, 0, false, Optional.empty(), false, Optional.empty()));
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

  private void succeed(Post post, ProviderFault fault) {
    Call call = call(post, fault, How.COMPLETE, 0);
    int attempt =
        1 + (int) costs.stream().filter(row -> row.marker().equals(post.marker())).count();
    String source = fault == ProviderFault.NONE ? "REPORTED" : "ESTIMATED";
    Map<String, Long> tokens =
        fault == ProviderFault.NONE
            ? call.tokens().byKind()
            : Map.of("input", call.tokens().prompt(), "output", call.tokens().completion() - 5);
    row(post, attempt, tokens, source);
    charge(post, tokens, source);
    Optional<Served> served = Optional.of(served(call));
    switch (post.surface()) {
      case JOB, JOB_EVENTS -> answer(post, 202, false, Optional.empty());
      case JOB_WAIT, CHAT, CHAT_STREAM -> answer(post, 200, true, served);
    }
    end(post, JobState.SUCCEEDED, served);
  }

  private Post post(Surface surface, String model) {
    now = now.plusSeconds(5);
    Post post = new Post(Marker.of(7, ++number), surface, model, false, false, now);
    posts.add(post);
    return post;
  }

  private void answer(Post post, int status, boolean complete, Optional<Served> served) {
    answers.add(
        new Answer(post.marker(), now, status, true, Optional.of(jobOf(post)), complete, served));
  }

  private void cancel(Post post) {
    posts.replaceAll(each ->
        each.equals(post)
            ? new Post(post.marker(), post.surface(), post.model(), true, post.keyed(), post.at())
            : each);
    cancels.add(new CancelAnswer(post.marker(), jobOf(post), now, now, 200, JobState.CANCELLED));
  }

  private Call call(Post post, ProviderFault fault, How how, long outputSent) {
    boolean counted = how == How.COMPLETE && fault == ProviderFault.NONE;
    return call(post, fault, how, outputSent, counted);
  }

  private Call call(Post post, ProviderFault fault, How how, long outputSent, boolean counted) {
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
            post.marker(),
            Optional.empty(),
            post.model(),
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
    String entryId = jobOf(post) + "/" + attempt + "/" + costs.size();
    costs.add(entry(post, entryId, CostEntry.ATTEMPT, attempt, tokens, source));
  }

  private void charge(Post post, Map<String, Long> tokens, String source) {
    costs.add(entry(post, jobOf(post), CostEntry.CHARGE, 1, tokens, source));
  }

  private CostEntry entry(
      Post post,
      String entryId,
      String kind,
      int attempt,
      Map<String, Long> tokens,
      String source) {
    boolean unpriced = post.model().equals(PriceTable.UNPRICED_MODEL);
    Optional<Long> none = unpriced ? Optional.empty() : Optional.of(0L);
    Optional<Long> price =
        unpriced
            ? Optional.empty()
            : Optional.of(PriceTable.OF_THE_CHECK.pico(post.model(), tokens).getAsLong());
    boolean attemptRow = kind.equals(CostEntry.ATTEMPT);
    return new CostEntry(
        entryId,
        kind,
        jobOf(post),
        attempt,
        post.marker(),
        post.model(),
        tokens,
        attemptRow ? none : price,
        attemptRow ? price : none,
        unpriced,
        source,
        now);
  }

  private void end(Post post, JobState state, Optional<Served> served) {
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
