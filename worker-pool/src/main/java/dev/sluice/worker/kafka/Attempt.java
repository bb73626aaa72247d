package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.runtime.telemetry.LogKeys;
import dev.sluice.worker.core.AttemptOutcome;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.ClaimRule;
import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.SlotGate;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One claimed attempt, from the claim to its one outcome, on its own virtual thread: verdict where
/// one is needed, slot, body, call, outcome. Whatever happens, exactly one outcome is written.
final class Attempt implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  /// A verdict may be lost with the router that gave it: asking again is answered again.
  private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

  private final ClaimedWork claimed;
  private final AttemptSignal signal;
  private final AttemptShell shell;
  private final PoolDesk desk;
  private boolean hasSlot;
  private byte[] body = {};

  /// Before the claim is sent.
  private final long claimedNanos = System.nanoTime();

  private boolean awaitsVerdict;
  private @Nullable Instant startedAt;
  private volatile @Nullable Instant firstTokenAt;

  Attempt(
      ClaimedWork claimed,
      AttemptSignal signal,
      AttemptShell shell,
      PoolDesk desk,
      boolean awaitsVerdict) {
    this.claimed = claimed;
    this.signal = signal;
    this.shell = shell;
    this.desk = desk;
    this.awaitsVerdict = awaitsVerdict;
  }

  ClaimedWork claimed() {
    return claimed;
  }

  boolean awaitsVerdict() {
    return awaitsVerdict;
  }

  /// The claim is in the log. Before `run` only.
  ///
  /// @param slot whether a slot of the gate is already taken for this attempt
  void confirmed(boolean slot) {
    hasSlot = slot;
  }

  /// The claim turned out to be late: asks for the verdict that it did not ask for at first.
  void askVerdict(ClaimRule.Decision why) {
    shell.meters().verdictWait(why);
    awaitsVerdict = true;
    signal.expectVerdict();
    ask();
  }

  /// The claim was not confirmed and its work was given back; the log may hold it all the same.
  void abandon() throws InterruptedException {
    finish(notCalled(Failure.of(Cause.INTERNAL, "the claim was not confirmed by the broker")));
  }

  @Override
  public void run() {
    try {
      AttemptOutcome outcome;
      try {
        Optional<Failure> obstacle = prepare();
        outcome = obstacle.isPresent() ? notCalled(obstacle.get()) : call();
      } catch (BodyUnavailableException e) {
        outcome = notCalled(Failure.of(Cause.INTERNAL, String.valueOf(e.getMessage())));
      } catch (RuntimeException e) {
        LOG.atError()
            .addKeyValue(LogKeys.JOB_ID, claimed.jobId())
            .addKeyValue(LogKeys.POOL, claimed.pool())
            .setCause(e)
            .log("attempt failed by a defect of the worker");
        outcome = ended(Failure.of(Cause.INTERNAL, "a defect of the worker"));
      } finally {
        releaseSlot();
      }
      finish(outcome);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void finish(AttemptOutcome outcome) throws InterruptedException {
    shell.meters().ended(claimed.pool(), outcome);
    try {
      shell.publisher().outcome(claimed, outcome);
    } finally {
      shell.attempts().remove(claimed);
    }
  }

  /// Everything before the call; answers why it must not be made.
  private Optional<Failure> prepare() throws InterruptedException, BodyUnavailableException {
    Optional<Failure> obstacle = awaitVerdict();
    if (obstacle.isEmpty() && !hasSlot) {
      obstacle = awaitSlot();
    }
    if (obstacle.isEmpty()) {
      obstacle = desk.health().admit(signal.cancellation()).or(this::obstacleNow);
    }
    if (obstacle.isEmpty()) {
      // May take long, so before the last look at whose job it is.
      body = body(claimed.work());
    }
    long known = claimedNanos;
    while (obstacle.isEmpty() && shell.silentSince(known)) {
      // This process was stopped or cut off for a while: the router may have given the job away,
      // also if it has heard a beat again since.
      known = System.nanoTime();
      askVerdict(ClaimRule.Decision.AWAIT_STALE_BEAT);
      obstacle = awaitVerdict();
    }
    return obstacle.or(this::obstacleNow);
  }

  private Optional<Failure> awaitVerdict() throws InterruptedException {
    while (awaitsVerdict) {
      if (signal.awaitVerdict(shorter(ASK_AGAIN, untilDeadline()))) {
        awaitsVerdict = false;
      } else if (untilDeadline().isNegative()) {
        return Optional.of(expired());
      } else {
        ask();
      }
    }
    return obstacleNow();
  }

  private void ask() {
    var _ = shell.claim(claimed, true, signal.ask());
  }

  private Optional<Failure> awaitSlot() throws InterruptedException {
    Duration queueLeft =
        desk.pool().timeouts().queue().minus(Duration.between(claimed.appendedAt(), now()));
    SlotGate.Ticket ticket = desk.gate().request(claimed.priority(), 1);
    signal.cancellation().onCancel(ticket::cancel);
    hasSlot = ticket.await(shorter(queueLeft, untilDeadline()).toNanos()) > 0;
    if (hasSlot) {
      return Optional.empty();
    }
    return obstacleNow()
        .or(() ->
            Optional.of(
                Failure.of(
                    Cause.TIMEOUT,
                    "no slot of pool "
                        + claimed.pool()
                        + " within "
                        + desk.pool().timeouts().queue())));
  }

  private Optional<Failure> obstacleNow() {
    if (signal.stopped().isPresent()) {
      return Optional.of(stopped(signal.stopped().get()));
    }
    return untilDeadline().isNegative() ? Optional.of(expired()) : Optional.empty();
  }

  private AttemptOutcome call() throws InterruptedException {
    Work work = claimed.work();
    Optional<Endpoint> endpoint = Endpoint.of(work.getEndpoint());
    if (endpoint.isEmpty()) {
      return notCalled(notServed(work));
    }
    ProviderRequest request =
        new ProviderRequest(
            endpoint.get(),
            work.getContext().getProviderModel(),
            body,
            work.getStream(),
            defaultMaxTokens(work),
            claimed.jobId(),
            work.getRequestHeaders());
    DeltaStream deltas = shell.deltas(claimed);
    startedAt = shell.clock().instant();
    ProviderAnswer answer =
        isCopy()
            ? desk.health().callAside(request, sink(deltas), signal.cancellation())
            : desk.health().call(request, sink(deltas), signal.cancellation());
    Instant finishedAt = shell.clock().instant();
    releaseSlot();
    deltas.finish();
    AttemptOutcome.CallTimes times = times(finishedAt);
    return switch (answer) {
      case ProviderAnswer.Complete complete ->
          new AttemptOutcome.Succeeded(
              ByteBuffer.wrap(complete.body()), complete.usage(), deltas.streamed(), times);
      case ProviderAnswer.Broken broken ->
          new AttemptOutcome.Failed(
              explained(broken.failure()), broken.usage(), deltas.streamed(), times);
      case ProviderAnswer.Local local ->
          new AttemptOutcome.Answered(ByteBuffer.wrap(local.body()), times);
      case ProviderAnswer.NotCalled notCalled ->
          new AttemptOutcome.NotCalled(notCalled.failure(), times);
    };
  }

  private static Failure notServed(Work work) {
    return Failure.of(
        Cause.REFUSED,
        ErrorCode.ENDPOINT_NOT_SERVED,
        "no worker of this version serves " + work.getEndpoint());
  }

  private AnswerSink sink(DeltaStream deltas) {
    return new AnswerSink() {
      @Override
      public void firstByte() {
        if (!isCopy() || claimed.work().getStream()) {
          firstTokenAt = shell.clock().instant();
        }
      }

      @Override
      public void chunk(byte[] data) {
        if (isCopy()) {
          // Nobody is shown a copy's answer.
          return;
        }
        try {
          deltas.add(data);
        } catch (InterruptedException e) {
          // Seen by the provider's next blocking step.
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  private boolean isCopy() {
    return claimed.work().getContext().getShadowOf() != null;
  }

  /// A call that was ended from here failed for the reason it was ended, not for the provider's.
  private Failure explained(Failure failure) {
    return failure.cause() == Cause.CANCELLED
        ? signal.stopped().map(Attempt::stopped).orElse(failure)
        : failure;
  }

  private byte[] body(Work work) throws InterruptedException, BodyUnavailableException {
    ByteBuffer inline = work.getBody();
    if (inline == null) {
      inline = complete(work, shell.bodies().read(work.getSource()));
    }
    byte[] body = new byte[inline.remaining()];
    inline.duplicate().get(body);
    return body;
  }

  /// Work released without its submission at hand lacks what only the submission says.
  private static ByteBuffer complete(Work work, Submission submission) {
    work.setEndpoint(submission.getEndpoint());
    work.setRequestHeaders(submission.getRequestHeaders());
    work.getContext().setKeyId(submission.getKeyId());
    work.getContext().setTags(submission.getTags());
    work.getContext().setGroup(submission.getGroup());
    return submission.getBody();
  }

  private OptionalInt defaultMaxTokens(Work work) {
    Optional<Integer> limit =
        shell
            .policy()
            .get()
            .model(work.getContext().getModel())
            .flatMap(Policy.Model::maxOutputTokens);
    Long reserved = work.getMaxOutputTokens();
    if (reserved != null) {
      // What a limit keeps free for the answer is what the answer may be.
      return OptionalInt.of((int) Math.min(reserved, Integer.MAX_VALUE));
    }
    return limit.isPresent() ? OptionalInt.of(limit.get()) : OptionalInt.empty();
  }

  private static Failure stopped(AttemptSignal.Stop why) {
    return switch (why) {
      case DROPPED -> Failure.of(Cause.CANCELLED, "another claim holds the job");
      case CANCELLED -> Failure.of(Cause.CANCELLED, "the job was cancelled");
      case LEAVING ->
          Failure.of(Cause.WORKER_LOST, ErrorCode.UNAVAILABLE, "the worker was stopped");
    };
  }

  private static Failure expired() {
    return Failure.of(Cause.EXPIRED, "the deadline passed before the call could start");
  }

  private AttemptOutcome notCalled(Failure failure) {
    Instant now = shell.clock().instant();
    return new AttemptOutcome.NotCalled(
        failure, new AttemptOutcome.CallTimes(now, Optional.empty(), now));
  }

  private AttemptOutcome ended(Failure failure) {
    return startedAt == null
        ? notCalled(failure)
        : new AttemptOutcome.Failed(
            failure,
            new TokenUsage(java.util.Map.of(), TokenUsage.Source.UNKNOWN),
            firstTokenAt != null,
            times(shell.clock().instant()));
  }

  private AttemptOutcome.CallTimes times(Instant finishedAt) {
    Instant started = startedAt == null ? finishedAt : startedAt;
    return new AttemptOutcome.CallTimes(started, Optional.ofNullable(firstTokenAt), finishedAt);
  }

  private void releaseSlot() {
    if (hasSlot) {
      hasSlot = false;
      desk.gate().release(1);
    }
  }

  private Instant now() {
    return shell.brokerClock().now();
  }

  private Duration untilDeadline() {
    return Duration.between(now(), claimed.work().getDeadline());
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
