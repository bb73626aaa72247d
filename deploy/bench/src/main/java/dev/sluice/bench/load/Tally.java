package dev.sluice.bench.load;

import dev.sluice.bench.core.Percentiles;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/// Counts the answers of one run. Safe for many threads.
final class Tally {
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
  private static final int DIGITS = 3;

  private final Histogram latency = new ConcurrentHistogram(LONGEST_NANOS, DIGITS);
  private final Histogram firstContent = new ConcurrentHistogram(LONGEST_NANOS, DIGITS);
  private final Histogram lag = new ConcurrentHistogram(LONGEST_NANOS, DIGITS);
  private final Map<String, LongAdder> wrong = new ConcurrentHashMap<>();

  /// Sends one request and counts its answer against the time it was due.
  void send(Target target, ConnectionPool pool, long dueNanos) {
    try {
      Connection connection = pool.take();
      record(lag, System.nanoTime() - dueNanos);
      Reply reply = exchange(connection, target);
      long end = System.nanoTime();
      pool.give(connection);
      target
          .expectation()
          .objection(reply)
          .ifPresentOrElse(this::wrong, () -> right(reply, end, dueNanos));
    } catch (IOException e) {
      wrong(e.getClass().getSimpleName());
    }
  }

  /// A connection that failed is in an unknown state and goes no further.
  private static Reply exchange(Connection connection, Target target) throws IOException {
    try {
      return connection.exchange(target.request());
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  private void right(Reply reply, long endNanos, long dueNanos) {
    record(latency, endNanos - dueNanos);
    if (reply.firstContentNanos() != 0) {
      record(firstContent, reply.firstContentNanos() - dueNanos);
    }
  }

  void wrong(String why) {
    wrong.computeIfAbsent(why, _ -> new LongAdder()).increment();
  }

  private static void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
  }

  LoadResult result(double seconds) {
    Map<String, Long> reasons = new TreeMap<>();
    wrong.forEach((why, count) -> reasons.put(why, count.sum()));
    return new LoadResult(
        Percentiles.ofNanos(latency),
        Percentiles.ofNanos(firstContent),
        Percentiles.ofNanos(lag),
        latency.getMean() / TimeUnit.MILLISECONDS.toNanos(1),
        reasons,
        seconds);
  }
}
