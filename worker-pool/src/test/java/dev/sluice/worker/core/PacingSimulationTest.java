package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Workers call a provider that enforces its limit, with twice the load that it allows, in virtual
/// time: how much is refused, and how much of the allowance is used.
class PacingSimulationTest {
  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1_000 * MILLI;
  private static final double LIMIT_A_SECOND = 50;
  private static final int SHARE = 64;

  private enum Limit {
    /// Refills all the time.
    BUCKET,
    /// Full at the start of each minute's fixed window.
    WINDOW
  }

  private enum Told {
    HEADERS,
    RETRY_AFTER,
    NOTHING
  }

  private record Event(long at, Runnable step) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>((a, b) -> Long.compare(a.at, b.at));
  private final List<Worker> workers = new ArrayList<>();
  private final Random random = new Random(7);
  private Limit limit = Limit.BUCKET;
  private Told told = Told.HEADERS;
  private double left = 60;
  private double full = 60;
  private long now = 1;
  private long refilledAt = 1;
  private int refused;
  private int served;

  private final class Worker {
    final Pacer pacer = new Pacer();
    int waiting;
    int busy;

    void take() {
      while (waiting > 0 && busy < pacer.slots(SHARE, now)) {
        long wait = pacer.reserve(now);
        if (wait > Pacer.MAX_WAIT.toNanos()) {
          return;
        }
        waiting--;
        busy++;
        at(now + wait, this::call);
      }
    }

    void call() {
      long begun = now;
      long number = pacer.began();
      refill();
      boolean ok = left >= 1;
      left -= ok ? 1 : 0;
      RateLimits headers =
          new RateLimits(
              Optional.of(new RateLimits.Window(full, Math.floor(left), reset())), List.of());
      at(
          now + (ok ? 200 + random.nextInt(600) : 15) * MILLI,
          () -> end(begun, number, ok, headers));
    }

    void end(long begun, long number, boolean ok, RateLimits headers) {
      busy--;
      if (told == Told.HEADERS) {
        pacer.told(headers, number, now);
      }
      if (ok) {
        served++;
        pacer.answered(begun, now, 100);
      } else {
        refused++;
        waiting++;
        pacer.throttled(begun, now, told == Told.RETRY_AFTER ? untilOne() : 0);
        double rate = pacer.rate(now);
        workers.forEach(
            other -> other.pacer.heard(Double.isInfinite(rate) ? 0 : rate, pacer.paused(now), now));
      }
      take();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BUCKET, HEADERS, 1",
    "BUCKET, HEADERS, 4",
    "WINDOW, HEADERS, 1",
    "WINDOW, HEADERS, 4",
    "BUCKET, RETRY_AFTER, 1",
    "BUCKET, RETRY_AFTER, 4",
    "BUCKET, NOTHING, 1",
    "BUCKET, NOTHING, 4"
  })
  void atTwiceTheLoadLessThanOnePercentIsRefusedAndTheAllowanceIsUsed(
      Limit enforced, Told headers, int count) {
    limit = enforced;
    told = headers;
    full = limit == Limit.WINDOW ? LIMIT_A_SECOND * 60 : 60;
    left = full;
    for (int worker = 0; worker < count; worker++) {
      workers.add(new Worker());
      workers.getLast().pacer.sharedBy(count);
    }
    int seconds = 600;
    arrive(seconds * SECOND);
    while (!events.isEmpty() && now < seconds * SECOND) {
      Event next = events.remove();
      now = next.at;
      next.step.run();
    }
    double refusedShare = (double) refused / (refused + served);
    double used = served / (LIMIT_A_SECOND * seconds);
    String figures = "refused %.2f %%, used %.1f %%".formatted(100 * refusedShare, 100 * used);
    System.out.println("pacing " + enforced + " " + headers + " x" + count + ": " + figures);

    assertTrue(refusedShare < 0.01, figures);
    assertTrue(used > 0.85, figures);
  }

  private void arrive(long until) {
    at(
        now + (long) (SECOND / (2 * LIMIT_A_SECOND)),
        () -> {
          Worker worker = workers.get(random.nextInt(workers.size()));
          worker.waiting++;
          workers.forEach(Worker::take);
          if (now < until) {
            arrive(until);
          }
        });
  }

  private void refill() {
    if (limit == Limit.BUCKET) {
      left = Math.min(full, left + LIMIT_A_SECOND * (now - refilledAt) / SECOND);
      refilledAt = now;
    } else if (now / (60 * SECOND) > refilledAt / (60 * SECOND)) {
      left = full;
      refilledAt = now;
    }
  }

  private Duration reset() {
    return limit == Limit.BUCKET
        ? Duration.ofMillis((long) (1_000 * (full - left) / LIMIT_A_SECOND))
        : Duration.ofNanos(60 * SECOND - now % (60 * SECOND));
  }

  private long untilOne() {
    return (long) Math.ceil((1 - left) / LIMIT_A_SECOND * 1_000) * MILLI;
  }

  private void at(long time, Runnable step) {
    events.add(new Event(time, step));
  }
}
