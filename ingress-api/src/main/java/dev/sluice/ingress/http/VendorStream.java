package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.log.JobSignal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One streaming call: the parts of one attempt as they come, a sign of life when nothing comes, an
/// error event instead of a bare close. Nothing is sent before the first part, so that a job that
/// fails before it still answers with a status, unless the stream was opened before. A stream that
/// has shown a part is never continued with another attempt's. Owned by the virtual thread that
/// serves the call.
final class VendorStream {
  private static final Duration ROUTERS_WORD = Duration.ofSeconds(2);

  private final Surroundings around;
  private final Call call;
  private final Follower follower;
  private final StreamForm form;
  private final RouteMeters meters;
  private final Outlook outlook;
  private final Sse sse = new Sse();
  private final long began = System.nanoTime();
  private @Nullable ResponseStream out;
  private boolean shown;

  /// What to do after a signal.
  private enum Next {
    GO_ON,
    ENDED,
    CALLER_GONE
  }

  VendorStream(
      Surroundings around, Call call, Follower follower, StreamForm form, RouteMeters meters) {
    this.around = around;
    this.call = call;
    this.follower = follower;
    this.form = form;
    this.meters = meters;
    this.outlook = new Outlook(around.queues(), around.controls(), around.policy(), around.clock());
  }

  /// Begins the answer before anything is known of the job's.
  void open() throws IOException {
    form.opening(sse);
    opened().write(sse.isEmpty() ? form.heartbeat() : sse.take());
  }

  /// Streams to the end.
  ///
  /// @param deadline the job's
  /// @return whether the caller still had what it asked for; if not, nobody waits for the job now
  boolean serve(Instant deadline) {
    Instant until = deadline.plus(ROUTERS_WORD);
    Next next = Next.GO_ON;
    try {
      while (next == Next.GO_ON) {
        Optional<JobSignal> signal = follower.next(silence(until));
        if (signal.isPresent()) {
          next = take(signal.get());
        } else if (around.clock().instant().isAfter(until)) {
          fail(Refusal.of(ErrorCode.DEADLINE_EXCEEDED, "the job was not done before its deadline"));
          next = Next.CALLER_GONE;
        } else {
          waiting();
        }
      }
    } catch (IOException _) {
      next = Next.CALLER_GONE;
    }
    if (next == Next.CALLER_GONE) {
      call.abort();
    }
    return next == Next.ENDED;
  }

  /// A sign of life; before the answer with the job's place in its line, where that is known.
  private void waiting() throws IOException {
    if (!form.begun()) {
      Optional<String> place = around.log().find(follower.id()).flatMap(outlook::said);
      if (place.isPresent()) {
        opened().write(Sse.comment(place.get()));
      }
    }
    opened().write(form.heartbeat());
  }

  /// How long nothing may come before something must be said.
  private Duration silence(Instant until) {
    Duration heartbeat = around.config().timing().heartbeat();
    Duration left = Duration.between(around.clock().instant(), until).plusMillis(1);
    return left.compareTo(heartbeat) < 0 ? left : heartbeat;
  }

  private Next take(JobSignal signal) throws IOException {
    return switch (signal) {
      case JobSignal.Parts parts -> parts(parts);
      case JobSignal.Finished(JobResult result) -> finish(result);
      case JobSignal.PublishFailed(String reason) -> {
        fail(CompletionEndpoint.notPublished(reason).refusal());
        yield Next.ENDED;
      }
      case JobSignal.Erased() -> {
        fail(Refusal.of(ErrorCode.NOT_FOUND, "the job was erased"));
        yield Next.ENDED;
      }
      case JobSignal.CallerGone() -> Next.CALLER_GONE;
      case JobSignal.Published _, JobSignal.StateChanged _ -> Next.GO_ON;
    };
  }

  private Next parts(JobSignal.Parts parts) throws IOException {
    if (parts.restarted() && form.begun()) {
      fail(
          Refusal.of(
              ErrorCode.STREAM_INTERRUPTED,
              "the answer broke off after it had begun; another attempt cannot continue it"));
      return Next.CALLER_GONE;
    }
    if (form.parts(sse, parts)) {
      follower.answerComplete(parts.claimId());
    }
    if (!sse.isEmpty()) {
      if (!shown) {
        shown = true;
        meters.firstByte(System.nanoTime() - began);
      }
      opened().write(sse.take());
    }
    return Next.GO_ON;
  }

  private Next finish(JobResult terminal) throws IOException {
    JobResult result = around.log().whole(terminal);
    CacheMarks.tell(call, result);
    if (result.getStatus() != JobStatus.SUCCEEDED) {
      if (out == null) {
        Failures.answer(call, result);
      } else {
        fail(Failures.refusalOf(result));
      }
      return Next.ENDED;
    }
    ByteBuffer body = result.getResult();
    if (!form.begun() && body != null) {
      byte[] whole = new byte[body.remaining()];
      body.duplicate().get(whole);
      form.whole(sse, whole);
    }
    form.end(sse);
    opened();
    if (!sse.isEmpty()) {
      opened().write(sse.take());
    }
    call.end();
    return Next.ENDED;
  }

  private void fail(Refusal refusal) throws IOException {
    if (out == null) {
      call.refuse(refusal);
      return;
    }
    form.error(sse, refusal);
    out.write(sse.take());
    call.end();
  }

  private ResponseStream opened() throws IOException {
    ResponseStream stream = out;
    if (stream == null) {
      stream = call.openStream();
      out = stream;
    }
    return stream;
  }
}
