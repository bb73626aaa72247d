package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProblem;
import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.batch.LineSource.Line;
import dev.sluice.ingress.core.batch.BatchStatus;
import dev.sluice.ingress.core.batch.BatchStep;
import dev.sluice.ingress.core.batch.LineIds;
import dev.sluice.ingress.core.batch.LineWindow;
import dev.sluice.ingress.json.BatchLine;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A batch whose lines are valid, while it runs: what of it is durable, and what has happened
/// since. What a record of progress says is always true of the transaction it is in: submissions up
/// to where it says, and the outputs of all results before where it says. A successor reads the
/// rest again (ADR 0012). Owned by the runner's thread.
final class RunningBatch implements Closeable {
  private static final int LINES_OF_A_TURN = 1_000;
  private static final int BYTES_OF_A_TURN = 8 * 1024 * 1024;
  private static final int MOST_HELD_BYTES = 4 * 1024 * 1024;
  private static final Duration FLUSH = Duration.ofSeconds(1);

  /// With so many blobs the time between two of them doubles, so that a slow batch of days has a
  /// list of them that fits a record.
  private static final int FEW_BLOBS = 32;

  private static final Duration CANCEL_AGAIN = Duration.ofSeconds(2);

  private final BatchRecord batch;
  private final BatchRequest request;
  private final LineIds ids;
  private final BatchInput input;
  private final RandomGenerator random;
  private final LineWindow window;
  private final OutputParts output;
  private final OutputParts errors;
  private final LineSource source;

  /// The last record, or the one before the first.
  private BatchProgress durable;

  private BatchStatus status;
  private boolean cancelWished;
  private Tally tally;
  private boolean changed;
  private @Nullable Instant heldSince;
  private Instant cancelsSentAt = Instant.EPOCH;

  private RunningBatch(
      BatchRecord batch, BatchInput input, BatchProgress progress, RandomGenerator random)
      throws IOException {
    this.batch = batch;
    this.request = batch.request();
    this.ids = idsOf(request);
    this.input = input;
    this.random = random;
    this.durable = progress;
    this.status = BatchStatus.of(progress.getStatus());
    this.cancelWished = batch.cancelWished();
    this.tally = Tally.of(progress);
    String prefix = "batches/" + batch.id();
    this.output = new OutputParts(input.blobs(), prefix + "/out", progress.getOutput());
    this.errors = new OutputParts(input.blobs(), prefix + "/err", progress.getErrors());
    this.window = new LineWindow(progress.getSubmittedLines(), progress.getSubmittedBytes());
    this.source = input.from(progress.getLowBytes());
    reopen(progress);
  }

  static LineIds idsOf(BatchRequest request) {
    return new LineIds(
        request.getCreatedAt(),
        request.getReplyPartition(),
        request.getSeed(),
        request.getShards());
  }

  /// Goes on where the record says.
  static RunningBatch resume(BatchRecord batch, BatchInput input, RandomGenerator random)
      throws IOException {
    BatchProgress progress = batch.progress();
    if (progress == null) {
      throw new IllegalArgumentException("a batch that was not validated");
    }
    return new RunningBatch(batch, input, progress, random);
  }

  /// The first record of a batch whose lines are valid.
  static BatchProgress begin(long total, long resultsOffset, Instant now) {
    BatchProgress progress = blank(BatchStatus.IN_PROGRESS);
    progress.setTotal(total);
    progress.setResultsOffset(resultsOffset);
    progress.setInProgressAt(now);
    return progress;
  }

  /// The last record of a batch that cannot run.
  static BatchProgress refused(List<BatchProblem> problems, Instant now) {
    BatchProgress progress = blank(BatchStatus.FAILED);
    progress.setProblems(problems);
    progress.setEndedAt(now);
    return progress;
  }

  /// The last record of a batch that was cancelled before it ran.
  static BatchProgress cancelledEarly(Instant now) {
    BatchProgress progress = blank(BatchStatus.CANCELLED);
    progress.setCancellingAt(now);
    progress.setEndedAt(now);
    return progress;
  }

  private static BatchProgress blank(BatchStatus status) {
    BatchProgress progress = new BatchProgress();
    progress.setStatus(status.key());
    progress.setProblems(List.of());
    progress.setDone(ByteBuffer.allocate(0));
    progress.setOutput(List.of());
    progress.setErrors(List.of());
    Tally.NONE.into(progress);
    return progress;
  }

  /// Finds the names of the lines that a predecessor left open, and stands at the next to submit.
  private void reopen(BatchProgress progress) throws IOException {
    long low = progress.getLowLine();
    byte[] done = new byte[progress.getDone().remaining()];
    progress.getDone().duplicate().get(done);
    long offset = progress.getLowBytes();
    for (long line = low; line < progress.getSubmittedLines(); line++) {
      Line read = source.next().orElseThrow(() -> new IOException("the input is shorter"));
      if (!LineWindow.isDone(done, low, line)) {
        String customId = input.parse(read.bytes()).customId();
        window.reopen(line, new LineWindow.Open(customId, offset));
      }
      offset = read.next();
    }
  }

  String id() {
    return batch.id();
  }

  int seed() {
    return request.getSeed();
  }

  int replyPartition() {
    return request.getReplyPartition();
  }

  long resultsOffset() {
    return durable.getResultsOffset();
  }

  int inFlight() {
    return window.inFlight();
  }

  boolean ended() {
    return status.ended();
  }

  void wishCancel() {
    cancelWished = true;
  }

  /// A job has ended. One of another batch, or known already, changes nothing.
  void take(JobId id, JobResult result, Instant now) {
    long line = ids.lineOf(id);
    if (line < 0) {
      return;
    }
    Optional<LineWindow.Open> open = window.settle(line);
    if (open.isPresent()) {
      byte[] text = line(id, open.get().customId()).of(result);
      boolean good = BatchInput.isAnthropic(request) || ResultLine.answered(result);
      hold(good ? output : errors, text, now);
      tally = tally.with(result);
    }
  }

  private ResultLine line(JobId id, String customId) {
    return new ResultLine(BatchInput.isAnthropic(request), id, customId);
  }

  private void hold(OutputParts into, byte[] line, Instant now) {
    into.add(line);
    if (heldSince == null) {
      heldSince = now;
    }
  }

  /// One step ahead. What it returns must be in the log before the next one.
  ///
  /// @param resultsRead next record of the reply partition; all before it were taken
  Optional<Turn> turn(long resultsRead, Instant now) throws IOException {
    List<Submission> submissions = new ArrayList<>();
    BatchStep step = BatchStep.decide(situation(now));
    boolean flush = false;
    switch (step) {
      case BatchStep.Submit(int most) -> submit(Math.min(most, LINES_OF_A_TURN), submissions, now);
      case BatchStep.WriteOff(BatchStep.Ending why) -> {
        writeOff(why, now);
        flush = true;
      }
      case BatchStep.BeginCancel() -> {
        status = BatchStatus.CANCELLING;
        changed = true;
      }
      case BatchStep.Await() -> {}
      case BatchStep.End(BatchStatus how) -> {
        status = how;
        flush = true;
      }
    }
    if (flush || flushDue(now)) {
      flush(resultsRead);
    }
    if (!changed && submissions.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(write(submissions, now));
  }

  private BatchStep.Situation situation(Instant now) {
    return new BatchStep.Situation(
        status,
        cancelWished,
        !now.isBefore(request.getExpiresAt()),
        durable.getTotal(),
        window.submitted(),
        window.low(),
        window.inFlight(),
        tally.expired());
  }

  private void submit(int most, List<Submission> into, Instant now) throws IOException {
    long bytes = 0;
    for (int n = 0; n < most && bytes < BYTES_OF_A_TURN; n++) {
      Line read = nextLine();
      BatchLine line = input.parse(read.bytes());
      into.add(LineSubmission.of(batch, line.request(), ids.of(window.submitted()), now));
      window.submit(line.customId(), read.next());
      bytes += read.bytes().length;
    }
  }

  private void writeOff(BatchStep.Ending why, Instant now) throws IOException {
    OutputParts into = BatchInput.isAnthropic(request) ? output : errors;
    while (window.submitted() < durable.getTotal() && into.heldBytes() < MOST_HELD_BYTES) {
      Line read = nextLine();
      String customId = input.parse(read.bytes()).customId();
      hold(into, line(ids.of(window.submitted()), customId).ended(why), now);
      tally = tally.with(why);
      window.pass(read.next());
    }
  }

  private Line nextLine() throws IOException {
    return source.next().orElseThrow(() -> new IOException("the input is shorter than it was"));
  }

  private boolean flushDue(Instant now) {
    Instant since = heldSince;
    if (since == null) {
      return false;
    }
    int blobs = output.written().size() + errors.written().size();
    Duration pause = FLUSH.multipliedBy(1 + blobs / FEW_BLOBS);
    return output.heldBytes() + errors.heldBytes() > MOST_HELD_BYTES
        || !now.isBefore(since.plus(pause));
  }

  /// Makes the outputs durable; the next record says so.
  private void flush(long resultsRead) throws IOException {
    String unique = Long.toHexString(random.nextLong());
    output.flush(unique);
    errors.flush(unique);
    heldSince = null;
    changed = true;
    BatchProgress next = BatchProgress.newBuilder(durable).build();
    next.setResultsOffset(resultsRead);
    next.setLowLine(window.low());
    next.setLowBytes(window.lowBytes());
    next.setDone(ByteBuffer.wrap(window.done()));
    next.setOutput(output.written());
    next.setErrors(errors.written());
    tally.into(next);
    durable = next;
  }

  private Turn write(List<Submission> submissions, Instant now) {
    boolean begins = !durable.getStatus().equals(status.key());
    BatchProgress next = BatchProgress.newBuilder(durable).build();
    next.setStatus(status.key());
    next.setSubmittedLines(window.submitted());
    next.setSubmittedBytes(window.submittedBytes());
    if (begins && status == BatchStatus.CANCELLING) {
      next.setCancellingAt(now);
    }
    if (status.ended()) {
      next.setFinalizingAt(now);
      next.setEndedAt(now);
    }
    durable = next;
    changed = false;
    return new Turn(batch.id(), batch.tenant(), next, files(next), submissions);
  }

  private List<StoredFile> files(BatchProgress progress) {
    List<StoredFile> files = new ArrayList<>();
    if (!BatchInput.isAnthropic(request)) {
      BatchFiles.output(batch, progress).ifPresent(files::add);
      BatchFiles.errors(batch, progress).ifPresent(files::add);
    }
    return files;
  }

  /// The jobs to cancel now: all in flight, again and again until they have ended, since a cancel
  /// that comes before its job is lost.
  List<JobId> cancels(Instant now) {
    if (status != BatchStatus.CANCELLING || now.isBefore(cancelsSentAt.plus(CANCEL_AGAIN))) {
      return List.of();
    }
    cancelsSentAt = now;
    return window.openLines().stream().map(ids::of).toList();
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
