package dev.sluice.router.topology;

import dev.sluice.contract.avro.CacheOutcome;
import dev.sluice.contract.avro.CacheWish;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.KeptAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What jobs have to do with answers that are kept, as records, and back.
final class CacheRecords {

  private CacheRecords() {}

  /// @throws IllegalArgumentException for a mode or a digest that is none
  static CacheUse wished(CacheWish wish) {
    return CacheUse.wished(
        mode(wish.getMode()), Digest.of(wish.getFingerprint()), Duration.ofMillis(wish.getTtlMs()));
  }

  private static CacheUse.Mode mode(String key) {
    return CacheUse.Mode.valueOf(key.toUpperCase(Locale.ROOT));
  }

  static dev.sluice.contract.avro.CacheUse use(CacheUse use) {
    dev.sluice.contract.avro.CacheUse record = new dev.sluice.contract.avro.CacheUse();
    record.setMode(use.mode().name().toLowerCase(Locale.ROOT));
    record.setRequest(use.request().bytes());
    record.setPlan(use.plan().bytes());
    record.setTtlMs(use.ttl().toMillis());
    record.setKept(use.kept());
    record.setWorth(use.worth().orElse(null));
    record.setLeader(use.leader().map(JobId::text).orElse(null));
    record.setHit(use.hit().map(hit -> answer(hit.answer())).orElse(null));
    record.setCharged(use.hit().flatMap(CacheUse.Hit::charged).orElse(null));
    return record;
  }

  static CacheUse use(JobId id, String tenant, dev.sluice.contract.avro.CacheUse record) {
    CacheUse bare =
        CacheUse.wished(
                mode(record.getMode()),
                Digest.of(record.getRequest()),
                Duration.ofMillis(record.getTtlMs()))
            .under(Digest.of(record.getPlan()));
    return new CacheUse(
        bare.mode(),
        bare.request(),
        bare.plan(),
        bare.ttl(),
        record.getKept(),
        Optional.ofNullable(record.getWorth()),
        Optional.ofNullable(record.getLeader()).flatMap(JobId::parse),
        Optional.ofNullable(record.getHit())
            .map(hit ->
                new CacheUse.Hit(
                    answer(bare.key(tenant), hit), Optional.ofNullable(record.getCharged()))));
  }

  static dev.sluice.contract.avro.KeptAnswer answer(KeptAnswer answer) {
    return new dev.sluice.contract.avro.KeptAnswer(
        answer.first().text(),
        answer.at(),
        answer.given(),
        answer.until(),
        answer.worth().orElse(null));
  }

  static KeptAnswer answer(Digest key, dev.sluice.contract.avro.KeptAnswer record) {
    return new KeptAnswer(
        key,
        JobId.parse(record.getFirst()).orElseThrow(),
        record.getAt(),
        Optional.ofNullable(record.getGiven()).orElse(record.getAt()),
        record.getUntil(),
        Optional.ofNullable(record.getWorth()));
  }

  /// What a job's result says of it.
  ///
  /// @param ended when the job ended
  static CacheOutcome outcome(CacheUse use, Instant ended) {
    CacheOutcome outcome = new CacheOutcome();
    outcome.setKind(use.mode() == CacheUse.Mode.USE ? "miss" : "bypass");
    use.hit()
        .ifPresent(hit -> {
          outcome.setKind(use.leader().isPresent() ? "coalesced" : "hit");
          outcome.setAnsweredBy(hit.answer().first().text());
          outcome.setAgeMs(hit.age(ended).toMillis());
          outcome.setSaved(hit.saved().orElse(null));
        });
    return outcome;
  }
}
