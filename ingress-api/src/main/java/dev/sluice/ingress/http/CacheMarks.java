package dev.sluice.ingress.http;

import dev.sluice.contract.avro.CacheOutcome;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.core.CacheWish;
import dev.sluice.ingress.core.CacheWish.Mode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.CanonicalDigest;
import dev.sluice.ingress.json.Endpoints;
import io.undertow.util.HttpString;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/// What a request says of answers that are given again, and what its caller is told of the one it
/// got. Whether there is one the tenant's single writer decides.
final class CacheMarks {
  private static final String HEADER = "x-sluice-cache";
  private static final HttpString ANSWER = new HttpString(HEADER);
  private static final HttpString AGE = new HttpString("age");
  private static final int DIGEST_BYTES = 16;

  /// Answers of responses bear the response's own id and state, and a count of tokens is cheap.
  private static final Set<String> KEPT =
      Set.of(
          Endpoints.CHAT,
          Endpoints.COMPLETIONS,
          Endpoints.EMBEDDINGS,
          Endpoints.MODERATIONS,
          Endpoints.MESSAGES);

  private CacheMarks() {}

  /// What a request wants, wherever it said so.
  ///
  /// @throws RefusedException when the header cannot be read, or says something else than the body
  static Optional<CacheWish> wish(Call call, Submitted asked) {
    Optional<String> header = call.header(HEADER);
    if (header.isEmpty()) {
      return asked.cache();
    }
    Optional<CacheWish> said = header.flatMap(CacheWish::parse);
    if (said.isEmpty()) {
      throw bad("x-sluice-cache must be use, refresh or off, and may end in \", ttl=<seconds>\"");
    }
    if (asked.cache().isPresent() && !asked.cache().equals(said)) {
      throw bad("x-sluice-cache and cache say different things");
    }
    return said;
  }

  private static RefusedException bad(String message) {
    return new RefusedException(Refusal.of(ErrorCode.BAD_HEADER, message));
  }

  /// @param wish what the request wants; the tenant's rule where it is empty
  static void mark(Submission submission, Optional<CacheWish> wish, Policy policy) {
    Policy.AnswerCache rule =
        policy
            .tenant(submission.getTenant())
            .map(Policy.Tenant::cache)
            .orElse(Policy.AnswerCache.DEFAULT);
    if (wish.isEmpty() && !rule.use()) {
      return;
    }
    Mode mode =
        KEPT.contains(submission.getEndpoint())
            ? wish.map(CacheWish::mode).orElse(Mode.USE)
            : Mode.OFF;
    if (mode == Mode.OFF && wish.isEmpty()) {
      return;
    }
    submission.setCache(
        new dev.sluice.contract.avro.CacheWish(
            mode.key(),
            mode == Mode.OFF ? ByteBuffer.allocate(DIGEST_BYTES) : digest(submission),
            wish.flatMap(CacheWish::ttl).orElse(rule.ttl()).toMillis()));
  }

  private static ByteBuffer digest(Submission submission) {
    byte[] body = new byte[submission.getBody().remaining()];
    submission.getBody().duplicate().get(body);
    return CanonicalDigest.of(submission.getEndpoint(), body, submission.getRequestHeaders());
  }

  /// Tells the caller of an answer where it comes from.
  ///
  /// @throws RefusedException when it is another job's, and gone with that one
  static void tell(Call call, JobResult result) {
    CacheOutcome outcome = result.getCache();
    if (outcome == null) {
      return;
    }
    boolean given = outcome.getAnsweredBy() != null;
    if (given && result.getResult() == null) {
      throw new RefusedException(
          Refusal.of(ErrorCode.NOT_FOUND, "the answer was erased with the job that it is of"));
    }
    call.with(ANSWER, outcome.getKind());
    if (given) {
      call.with(AGE, Long.toString(outcome.getAgeMs() / 1_000));
    }
  }
}
