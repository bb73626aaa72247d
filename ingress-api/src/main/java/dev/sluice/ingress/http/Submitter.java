package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.CacheWish;
import dev.sluice.ingress.core.CallbackWish;
import dev.sluice.ingress.core.DeadlineRule;
import dev.sluice.ingress.core.Fingerprint;
import dev.sluice.ingress.core.PriorityRule;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.ShardRule;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.json.TagsHeader;
import dev.sluice.ingress.log.JobWatch;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns a valid request into a submission in the log. Safe for use by many threads.
final class Submitter {
  private final Surroundings around;
  private final RateHeaders rates;
  private final SecureRandom random = new SecureRandom();

  Submitter(Surroundings around) {
    this.around = around;
    this.rates = new RateHeaders(around.quotas(), around.policy(), around.clock());
  }

  /// What is left of the caller's limits, in the headers of its answer.
  RateHeaders rates() {
    return rates;
  }

  /// A job on its way. Close the watch when it is not needed any more.
  record Job(JobId id, Submission submission, JobWatch watch) implements AutoCloseable {
    @Override
    public void close() {
      watch.close();
    }
  }

  /// Begins to watch a new job and sends it.
  ///
  /// @param attached whether the caller's connection waits for the result
  /// @throws RefusedException when it must not become a job
  Job submit(Call call, Submitted asked, boolean attached) {
    Optional<String> key = RepeatMarks.key(call, asked);
    Optional<CacheWish> wish = CacheMarks.wish(call, asked);
    if (around.policy().get().model(asked.model()).isEmpty()) {
      throw new RefusedException(
          new Refusal(
              ErrorCode.MODEL_NOT_FOUND,
              "there is no model of this name; GET /v1/models lists them",
              "/model",
              java.time.Duration.ZERO));
    }
    if (!around.log().ready()) {
      throw new RefusedException(Refusal.unavailable("the log is not reached; try again soon"));
    }
    Map<String, String> tags =
        TagsHeader.merged(asked.tags(), call.header("x-sluice-tags").orElse(""));
    Instant now = around.clock().instant();
    int shard =
        ShardRule.decide(
            key,
            () -> Fingerprint.of(call.path(), call.body()),
            around.policy().get().shards(call.principal().tenant()));
    JobId id = JobId.create(now, around.log().replyPartition(), shard, random.nextLong());
    Submission submission = submission(call, asked, attached, id, tags, now);
    RepeatMarks.mark(submission, call, key);
    rates.write(call);
    CacheMarks.mark(submission, wish, around.policy().get());
    call.identify(id.text());
    JobWatch watch = around.log().watch(id);
    try {
      around.log().publish(submission, call.trace(), watch);
    } catch (RuntimeException e) {
      watch.close();
      throw e;
    }
    return new Job(id, submission, watch);
  }

  private Submission submission(
      Call call,
      Submitted asked,
      boolean attached,
      JobId id,
      Map<String, String> tags,
      Instant now) {
    Priority priority = PriorityRule.decide(asked.priority(), asked.serviceTier(), attached);
    Submission submission = new Submission();
    submission.setJobId(id.text());
    submission.setTenant(call.principal().tenant());
    submission.setKeyId(call.principal().keyId());
    submission.setPriority(PriorityClass.valueOf(priority.name()));
    submission.setEndpoint(asked.endpoint());
    submission.setModel(asked.model());
    submission.setBody(ByteBuffer.wrap(asked.body()));
    submission.setStream(asked.stream());
    submission.setIncludeUsage(asked.includeUsage());
    submission.setAttached(attached);
    submission.setCreatedAt(now);
    submission.setDeadline(deadline(call, asked, attached, now));
    submission.setReplyPartition(id.replyPartition());
    submission.setEstimatedInputTokens(asked.estimatedInputTokens());
    submission.setMaxOutputTokens(limit(asked));
    submission.setChoices(asked.choices());
    submission.setTags(tags);
    submission.setRequestHeaders(
        Endpoints.isAnthropic(asked.endpoint())
            ? RequestForm.anthropicHeaders(call.exchange())
            : Map.of());
    submission.setSession(asked.session().orElse(null));
    submission.setGroup(asked.group().orElse(null));
    submission.setCallback(attached ? null : callback(asked));
    return submission;
  }

  /// Whoever waits is told by the answer; of all others the tenant's endpoints may want to know.
  private static JobCallback callback(Submitted asked) {
    return new JobCallback(
        asked.endpoint(),
        asked.callback().map(CallbackWish::url).orElse(null),
        asked.callback().flatMap(CallbackWish::secretId).orElse(null));
  }

  private Instant deadline(Call call, Submitted asked, boolean attached, Instant now) {
    var timing = around.config().timing();
    return asked
        .deadline()
        .orElseGet(() ->
            now.plus(
                attached
                    ? DeadlineRule.patience(
                        call.header("X-Stainless-Timeout").orElse(""), timing.call())
                    : timing.job()));
  }

  private static @Nullable Long limit(Submitted asked) {
    return asked.maxOutputTokens().isPresent() ? asked.maxOutputTokens().getAsLong() : null;
  }
}
