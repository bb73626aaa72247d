package dev.sluice.ingress.http;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.AttemptSummary;
import dev.sluice.contract.avro.CacheOutcome;
import dev.sluice.contract.avro.Cost;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.Hold;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.JobLog;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The job as the native surface shows it. Every member is always there; what is not known is null.
final class JobJson {
  private final JobLog log;
  private final Outlook outlook;

  JobJson(JobLog log, Outlook outlook) {
    this.log = log;
    this.outlook = outlook;
  }

  /// With the result where there is one: it is read from the log.
  byte[] of(JobFacts facts) {
    JobResult result = facts.finished() ? log.result(facts).orElse(null) : null;
    return of(facts, result);
  }

  byte[] of(JobFacts facts, @Nullable JobResult terminal) {
    JobResult result = terminal == null ? null : log.whole(terminal);
    ByteBuffer body = result == null ? null : result.getResult();
    JsonOut out = new JsonOut(768 + (body == null ? 0 : body.remaining()));
    write(out, facts, result);
    return out.toBytes();
  }

  /// Changes whenever what is shown of the job changes.
  String etag(JobFacts facts) {
    return outlook
        .said(facts)
        .map(place ->
            "\"" + facts.filter().ordinal() + "-" + Integer.toHexString(place.hashCode()) + "\"")
        .orElseGet(facts::etag);
  }

  /// Without the result, as in a list.
  void brief(JsonOut out, JobFacts facts) {
    write(out, facts, facts.finished() ? log.summary(facts).orElse(null) : null);
  }

  private void write(JsonOut out, JobFacts facts, @Nullable JobResult result) {
    String id = facts.id().text();
    String url = "/v1/jobs/" + id;
    JobFacts.Origin origin = facts.origin();
    JobFacts.Progress progress = facts.progress();
    Optional<Hold> hold = outlook.held(facts);
    Instant started = result == null ? progress.startedAt() : result.getStartedAt();
    out.beginObject()
        .field("id", id)
        .field("object", "job")
        .field("status", hold.isPresent() ? Status.HELD.key() : facts.status().key())
        .textOrNull(
            "reason", hold.map(Hold::reason).orElse(facts.finished() ? "" : progress.reason()))
        .textOrNull("held_by", hold.map(Hold::by).orElse(""))
        .instantOrNull("held_until", hold.map(Hold::until).orElse(Instant.EPOCH))
        .textOrNull("held_note", hold.map(Hold::note).orElse(""))
        .field("priority", origin.priority().key())
        .textOrNull("model", origin.model())
        .textOrNull("endpoint", origin.endpoint())
        .textOrNull("group", origin.whose().group())
        .texts("tags", origin.tags())
        .instantOrNull("created_at", facts.id().createdAt())
        .instantOrNull("started_at", started)
        .instantOrNull("finished_at", result == null ? null : result.getFinishedAt())
        .instantOrNull("expires_at", result == null ? null : result.getExpiresAt())
        .instantOrNull("deadline", origin.deadline());
    attempts(out, result);
    RouteJson.write(out, progress, result);
    copies(out, facts.copies());
    cache(out, result == null ? null : result.getCache());
    usage(out, result == null ? null : result.getUsage());
    cost(out, result == null ? null : result.getCost());
    error(out, result == null ? null : result.getError());
    ByteBuffer body = result == null ? null : result.getResult();
    out.name("result");
    if (body == null || !body.hasRemaining()) {
      out.nothing();
    } else {
      out.raw(body);
    }
    out.field("status_url", url)
        .field("events_url", url + "/events")
        .field("cancel_url", url + "/cancel");
    outlook.write(out, facts);
    out.endObject();
  }

  private static void attempts(JsonOut out, @Nullable JobResult result) {
    out.name("attempts").beginArray();
    if (result != null) {
      for (AttemptSummary attempt : result.getAttempts()) {
        out.beginObject()
            .field("attempt", attempt.getAttempt())
            .field("pool", attempt.getPool())
            .field("model", attempt.getProviderModel())
            .field("outcome", outcome(attempt.getCause()))
            .textOrNull("code", attempt.getCode())
            .field("provider_status", attempt.getProviderStatus())
            .instantOrNull("started_at", attempt.getStartedAt())
            .instantOrNull("finished_at", attempt.getFinishedAt())
            .endObject();
      }
    }
    out.endArray();
  }

  private static void copies(JsonOut out, JobFacts.Copies copies) {
    out.textOrNull("shadow_of", copies.of().map(JobId::text).orElse(null));
    out.name("shadows").beginArray();
    copies.made().forEach(copy -> out.string(copy.text()));
    out.endArray();
  }

  private static void usage(JsonOut out, @Nullable Usage usage) {
    out.name("usage");
    if (usage == null) {
      out.nothing();
      return;
    }
    long total = 0;
    out.beginObject().name("tokens").beginObject();
    for (var kind : usage.getTokens().entrySet()) {
      out.field(kind.getKey(), kind.getValue());
      total += kind.getValue();
    }
    out.endObject()
        .field("total", total)
        .field("source", usage.getSource().name().toLowerCase(Locale.ROOT))
        .endObject();
  }

  private static void cache(JsonOut out, @Nullable CacheOutcome cache) {
    out.name("cache");
    if (cache == null) {
      out.nothing();
      return;
    }
    boolean given = cache.getAnsweredBy() != null;
    out.beginObject()
        .field("kind", cache.getKind())
        .textOrNull("answered_by", cache.getAnsweredBy())
        .name("age_seconds");
    if (given) {
      out.number(cache.getAgeMs() / 1_000);
    } else {
      out.nothing();
    }
    out.textOrNull("saved_usd", decimal(cache.getSaved())).endObject();
  }

  private static void cost(JsonOut out, @Nullable Cost cost) {
    out.name("cost");
    if (cost == null) {
      out.nothing();
      return;
    }
    out.beginObject()
        .textOrNull("charged_usd", decimal(cost.getCharged()))
        .textOrNull("owed_usd", decimal(cost.getOwed()))
        .field("unpriced", cost.getUnpriced())
        .textOrNull("price_version", cost.getPriceVersion())
        .endObject();
  }

  /// Money never passes through floating point, so it is text.
  static @Nullable String decimal(@Nullable BigDecimal amount) {
    if (amount == null) {
      return null;
    }
    return amount.signum() == 0 ? "0" : amount.stripTrailingZeros().toPlainString();
  }

  private static void error(JsonOut out, @Nullable AttemptError error) {
    out.name("error");
    if (error == null) {
      out.nothing();
      return;
    }
    out.beginObject()
        .field("code", error.getCode())
        .field("cause", error.getCause().name().toLowerCase(Locale.ROOT))
        .field("message", error.getMessage())
        .field("provider_status", error.getProviderStatus())
        .endObject();
  }

  private static String outcome(FailureCause cause) {
    return cause == FailureCause.NONE ? "succeeded" : cause.name().toLowerCase(Locale.ROOT);
  }
}
