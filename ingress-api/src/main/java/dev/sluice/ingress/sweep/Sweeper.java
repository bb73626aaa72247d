package dev.sluice.ingress.sweep;

import dev.sluice.contract.avro.StoredFile;
import dev.sluice.contract.avro.Upload;
import dev.sluice.contract.avro.UploadPart;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.BlobStore.StoredBlob;
import dev.sluice.ingress.core.sweep.SweepBook;
import dev.sluice.ingress.log.BatchLog;
import dev.sluice.ingress.log.FileLog;
import dev.sluice.ingress.log.KeyLog;
import dev.sluice.ingress.log.LogUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes what is left of files: records of those that expired, uploads that nobody completed,
/// calls that hold no idempotency key any more, bytes that nothing refers to. One ingress does it
/// at a time; two would do no harm. Every sweep is bounded and the next one goes on where it ended.
/// [SweepBook] has the rule, ADR 0017 the reasons.
public final class Sweeper implements AutoCloseable {
  /// Between two sweeps, and between the two looks at a blob.
  static final Duration EVERY = Duration.ofMinutes(10);

  private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
  private static final int PAGE = 1_000;
  private static final int PAGES = 20;
  private static final int MARKS = 10_000;
  private static final int RECORDS = 1_000;
  private static final int REMOVALS = 2_000;
  private static final int UNFINISHED = 200;

  private final Tools tools;
  private final Duration grace;
  private final StoreOwner owner;
  private final SweepBook book;
  private final SweepMeters meters;
  private String cursor = "";
  private volatile boolean stopping;
  private @Nullable Thread thread;

  /// @param leads whether it is this ingress that sweeps
  public record Tools(
      FileLog files,
      KeyLog keys,
      BatchLog batches,
      BlobStore blobs,
      BooleanSupplier leads,
      InstantSource clock) {}

  /// @param grace at least [BlobStore#LONGEST_WRITE], with room for clocks that differ
  public Sweeper(Tools tools, Duration grace, SweepMeters meters) {
    this.tools = tools;
    this.grace = grace;
    this.owner = new StoreOwner(tools.blobs());
    this.book = new SweepBook(new SweepBook.Rule(grace, EVERY, MARKS));
    this.meters = meters;
  }

  /// @param log what tells it from every other log
  public synchronized void start(String log) {
    if (thread == null && !stopping) {
      thread = Thread.ofPlatform().daemon().name("sluice-ingress-sweep").start(() -> run(log));
    }
  }

  private void run(String log) {
    long last = System.nanoTime();
    while (!stopping) {
      long left = EVERY.toNanos() - (System.nanoTime() - last);
      if (left > 0) {
        LockSupport.parkNanos(left);
      } else {
        last = System.nanoTime();
        if (tools.leads().getAsBoolean()) {
          sweep(log);
        }
      }
    }
  }

  /// Once; what fails is left to the next time.
  void sweep(String log) {
    try {
      if (!owner.is(log)) {
        meters.foreign();
        LOG.atWarn()
            .log("the blob store belongs to another log and is not swept; see docs/batches.md");
        return;
      }
      Instant now = tools.clock().instant();
      removeRecords(now);
      Set<String> referred = References.read(tools, now);
      removeBlobs(referred, now);
      lookOn(referred, now);
      meters.unfinished(tools.blobs().dropUnfinished(now.minus(grace), UNFINISHED));
      meters.done();
    } catch (IOException | LogUnavailableException e) {
      meters.failed();
      LOG.atWarn().setCause(e).log("sweep broke off, the next one goes on");
    } finally {
      meters.waiting(book.waiting());
    }
  }

  private void removeRecords(Instant now) {
    Instant before = now.minus(grace);
    FileLog.Everything all = tools.files().everything();
    List<StoredFile> files =
        all.files().stream().filter(file -> isPast(file.getExpiresAt(), before)).toList();
    List<Upload> uploads =
        all.uploads().stream().filter(upload -> isPast(upload.getExpiresAt(), before)).toList();
    Set<String> known = new HashSet<>();
    all.uploads().forEach(upload -> known.add(upload.getId()));
    uploads.forEach(upload -> known.remove(upload.getId()));
    List<UploadPart> parts =
        all.parts().stream()
            .filter(part -> !known.contains(part.getUploadId()))
            .filter(part -> isPast(part.getCreatedAt(), before))
            .toList();
    files.stream()
        .limit(RECORDS)
        .forEach(file -> {
          tools.files().removeFile(file.getTenant(), file.getId());
          meters.record("file");
        });
    parts.stream()
        .limit(RECORDS)
        .forEach(part -> {
          tools.files().removePart(part);
          meters.record("part");
        });
    uploads.stream()
        .limit(RECORDS)
        .forEach(upload -> {
          tools.files().removeUpload(upload);
          meters.record("upload");
        });
    int over = tools.keys().removeOver(before, RECORDS);
    for (int i = 0; i < over; i++) {
      meters.record("key");
    }
  }

  private static boolean isPast(@Nullable Instant at, Instant before) {
    return at != null && at.isBefore(before);
  }

  private void removeBlobs(Set<String> referred, Instant now) throws IOException {
    for (String key : book.due(referred, now).stream().limit(REMOVALS).toList()) {
      tools.blobs().delete(key);
      book.removed(key);
      meters.orphan();
    }
  }

  private void lookOn(Set<String> referred, Instant now) throws IOException {
    for (int page = 0; page < PAGES && !stopping; page++) {
      List<StoredBlob> found = tools.blobs().list(cursor, PAGE);
      found.forEach(blob -> book.look(blob.key(), blob.writtenAt(), referred, now));
      if (found.size() < PAGE) {
        cursor = "";
        return;
      }
      cursor = found.getLast().key();
    }
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      stopping = true;
      running = thread;
    }
    if (running == null) {
      return;
    }
    running.interrupt();
    try {
      running.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
