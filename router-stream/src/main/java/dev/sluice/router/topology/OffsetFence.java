package dev.sluice.router.topology;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Notices a second writer of a changelog partition: each acknowledged offset must follow the one
/// before. A gap means that somebody else's record lies in between; until the task has looked at
/// it, none of its outputs may leave (ADR 0003).
///
/// Acknowledgements come on the producer's network thread, everything else on the stream thread.
final class OffsetFence {
  /// Records of somebody else: `from` inclusive, `to` exclusive.
  record Gap(long from, long to) {}

  private long expected;
  private boolean armed;
  private @Nullable Gap gap;
  private CountDownLatch firstAck = new CountDownLatch(1);

  /// Begins to watch: the next acknowledged offset should be `next`.
  synchronized void arm(long next) {
    expected = next;
    armed = true;
    gap = null;
    firstAck = new CountDownLatch(1);
  }

  synchronized void acknowledged(long offset) {
    if (!armed) {
      return;
    }
    if (offset > expected) {
      long from = gap == null ? expected : gap.from();
      gap = new Gap(from, offset);
    }
    expected = Math.max(expected, offset + 1);
    firstAck.countDown();
  }

  /// Whether outputs may leave.
  synchronized boolean clear() {
    return gap == null;
  }

  synchronized Optional<Gap> gap() {
    return Optional.ofNullable(gap);
  }

  /// The task has looked at everything in the gap.
  synchronized void close(Gap seen) {
    if (gap != null && gap.to() == seen.to()) {
      gap = null;
    } else if (gap != null) {
      gap = new Gap(seen.to(), gap.to());
    }
  }

  /// Whether nothing has been acknowledged since [#arm].
  synchronized boolean awaitsFirst() {
    return armed && firstAck.getCount() > 0;
  }

  /// Waits for the first acknowledgement after [#arm].
  boolean awaitFirst(long timeoutMillis) throws InterruptedException {
    CountDownLatch latch;
    synchronized (this) {
      latch = firstAck;
    }
    return latch.await(timeoutMillis, TimeUnit.MILLISECONDS);
  }
}
