package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Copies of single ledger lines with one thing changed.
final class Rows {
  private Rows() {}

  static CostEntry amounts(CostEntry r, Optional<Long> charged, Optional<Long> owed) {
    return new CostEntry(
        r.entryId(),
        r.kind(),
        r.jobId(),
        r.attempt(),
        r.tenant(),
        r.marker(),
        r.providerModel(),
        r.tokens(),
        charged,
        owed,
        r.unpriced(),
        r.usageSource(),
        r.at());
  }

  static CostEntry tokens(CostEntry r, Map<String, Long> tokens, boolean repriced) {
    Optional<Long> price =
        Optional.of(PriceTable.OF_THE_CHECK.pico(r.providerModel(), tokens).orElse(0));
    boolean attempt = r.kind().equals(CostEntry.ATTEMPT);
    return new CostEntry(
        r.entryId(),
        r.kind(),
        r.jobId(),
        r.attempt(),
        r.tenant(),
        r.marker(),
        r.providerModel(),
        tokens,
        repriced && !attempt ? price : r.chargedPico(),
        repriced && attempt ? price : r.owedPico(),
        r.unpriced(),
        r.usageSource(),
        r.at());
  }

  static CostEntry zeroNotUnpriced(CostEntry r) {
    return new CostEntry(
        r.entryId(),
        r.kind(),
        r.jobId(),
        r.attempt(),
        r.tenant(),
        r.marker(),
        r.providerModel(),
        r.tokens(),
        Optional.of(0L),
        Optional.of(0L),
        false,
        r.usageSource(),
        r.at());
  }

  static CostEntry named(CostEntry r, String entryId, String jobId, String marker) {
    return new CostEntry(
        entryId,
        r.kind(),
        jobId,
        r.attempt(),
        r.tenant(),
        marker,
        r.providerModel(),
        r.tokens(),
        r.chargedPico(),
        r.owedPico(),
        r.unpriced(),
        r.usageSource(),
        r.at());
  }

  static CostEntry source(CostEntry r, String source) {
    return new CostEntry(
        r.entryId(),
        r.kind(),
        r.jobId(),
        r.attempt(),
        r.tenant(),
        r.marker(),
        r.providerModel(),
        r.tokens(),
        r.chargedPico(),
        r.owedPico(),
        r.unpriced(),
        source,
        r.at());
  }

  static CostEntry kind(CostEntry r, String kind) {
    return new CostEntry(
        r.entryId(),
        kind,
        r.jobId(),
        r.attempt(),
        r.tenant(),
        r.marker(),
        r.providerModel(),
        r.tokens(),
        r.owedPico(),
        r.chargedPico(),
        r.unpriced(),
        r.usageSource(),
        r.at());
  }

  static Reading state(Reading r, JobState state) {
    return new Reading(
        r.jobId(), r.channel(), r.at(), state, r.served(), r.cost(), r.cache(), r.errorCode());
  }

  static Reading served(Reading r, Optional<Served> served) {
    return new Reading(
        r.jobId(), r.channel(), r.at(), r.state(), served, r.cost(), r.cache(), r.errorCode());
  }

  static Reading cost(Reading r, Reading.ShownCost cost) {
    return new Reading(
        r.jobId(),
        r.channel(),
        r.at(),
        r.state(),
        r.served(),
        Optional.of(cost),
        r.cache(),
        r.errorCode());
  }

  static Call marker(Call c, String id, String marker) {
    return new Call(
        id,
        c.beganAt(),
        marker,
        Optional.empty(),
        c.model(),
        c.stream(),
        c.tokens(),
        c.nonce(),
        c.contentHash(),
        c.fault(),
        c.key(),
        c.ended());
  }

  static Call again(Call c, Tokens tokens, Instant at) {
    return new Call(
        c.id() + "-again",
        at,
        c.marker(),
        c.job(),
        c.model(),
        c.stream(),
        tokens,
        "nonce-ffffffffffffffff",
        c.contentHash(),
        c.fault(),
        c.key(),
        new Call.Ended(at.plusMillis(50), Call.How.COMPLETE, tokens.completion(), true, 1));
  }

  static Call job(Call c, String job) {
    return new Call(
        c.id(),
        c.beganAt(),
        c.marker(),
        Optional.of(job),
        c.model(),
        c.stream(),
        c.tokens(),
        c.nonce(),
        c.contentHash(),
        c.fault(),
        c.key(),
        c.ended());
  }

  static Call key(Call c, String key) {
    return new Call(
        c.id(),
        c.beganAt(),
        c.marker(),
        c.job(),
        c.model(),
        c.stream(),
        c.tokens(),
        c.nonce(),
        c.contentHash(),
        c.fault(),
        key,
        c.ended());
  }

  static Answer served(Answer a, Served served) {
    return new Answer(
        a.marker(), a.at(), a.httpStatus(), a.sent(), a.jobId(), a.complete(), Optional.of(served));
  }

  static Answer status(Answer a, int httpStatus, boolean sent) {
    return new Answer(a.marker(), a.at(), httpStatus, sent, a.jobId(), false, Optional.empty());
  }

  static Answer job(Answer a, String job) {
    return new Answer(
        a.marker(), a.at(), a.httpStatus(), a.sent(), Optional.of(job), a.complete(), a.served());
  }

  static Call began(Call c, Instant at) {
    return new Call(
        c.id(),
        at,
        c.marker(),
        c.job(),
        c.model(),
        c.stream(),
        c.tokens(),
        c.nonce(),
        c.contentHash(),
        c.fault(),
        c.key(),
        c.ended());
  }

  static Post keyed(Post p) {
    return post(p, p.account(), p.cache(), true);
  }

  static Post cache(Post p, Optional<CacheWish> cache) {
    return post(p, p.account(), cache, p.keyed());
  }

  static Post account(Post p, Account account) {
    return post(p, account, p.cache(), p.keyed());
  }

  private static Post post(Post p, Account account, Optional<CacheWish> cache, boolean keyed) {
    return new Post(
        p.marker(),
        account,
        p.question(),
        p.surface(),
        p.model(),
        cache,
        p.cancels(),
        keyed,
        p.at());
  }

  static Post surface(Post p, Surface surface) {
    return new Post(
        p.marker(),
        p.account(),
        p.question(),
        surface,
        p.model(),
        p.cache(),
        p.cancels(),
        p.keyed(),
        p.at());
  }

  static CostEntry providerModel(CostEntry r, String model) {
    return new CostEntry(
        r.entryId(),
        r.kind(),
        r.jobId(),
        r.attempt(),
        r.tenant(),
        r.marker(),
        model,
        r.tokens(),
        r.chargedPico(),
        r.owedPico(),
        r.unpriced(),
        r.usageSource(),
        r.at());
  }

  static CostEntry tenant(CostEntry r, String tenant) {
    return new CostEntry(
        r.entryId(),
        r.kind(),
        r.jobId(),
        r.attempt(),
        tenant,
        r.marker(),
        r.providerModel(),
        r.tokens(),
        r.chargedPico(),
        r.owedPico(),
        r.unpriced(),
        r.usageSource(),
        r.at());
  }

  static Reading cache(Reading r, Reading.ShownCache cache) {
    return new Reading(
        r.jobId(),
        r.channel(),
        r.at(),
        r.state(),
        r.served(),
        r.cost(),
        Optional.of(cache),
        r.errorCode());
  }

  static QuotaReading amounts(QuotaReading q, long used, long reserved) {
    return new QuotaReading(
        q.account(), q.unit(), q.rolling(), q.restarted(), q.limit(), used, reserved, q.at());
  }
}
