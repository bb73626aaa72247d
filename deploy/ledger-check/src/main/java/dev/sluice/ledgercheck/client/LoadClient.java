package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Channel;
import dev.sluice.ledgercheck.core.Plan;
import dev.sluice.ledgercheck.core.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/// The caller: posts at a steady pace whatever happens, and reads everything again afterwards.
///
/// One virtual thread a request.
public final class LoadClient {
  private static final int MAX_IN_FLIGHT = 400;

  /// Few, so that a slow machine answers each in time instead of refusing some.
  private static final int READERS = 8;

  /// While Sluice is down a few requests still try, to be refused.
  private static final Duration PACE_WHILE_DOWN = Duration.ofMillis(200);

  private final long seed;
  private final ClientLedgers ledgers;
  private final Submitter submitter;
  private final JobReader reader;
  private final LiveTarget target;
  private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);

  public LoadClient(long seed, SluiceHttp http, ClientLedgers ledgers, LiveTarget target) {
    this.seed = seed;
    this.ledgers = ledgers;
    this.target = target;
    reader = new JobReader(http, ledgers);
    submitter = new Submitter(http, ledgers, reader);
  }

  /// Posts until so many jobs are accepted and the trouble is over; returns when all are answered.
  ///
  /// @param perSecond pace; a quarter of it once enough are accepted
  public void submit(int jobs, int perSecond, AtomicBoolean troubleOver)
      throws InterruptedException {
    Duration pace = Duration.ofSeconds(1).dividedBy(perSecond);
    for (int number = 1; !troubleOver.get() || ledgers.accepted() < jobs; number++) {
      Plan plan = Plan.of(seed, number);
      inFlight.acquire();
      Thread.ofVirtual().name(plan.marker()).start(() -> submitAndRelease(plan));
      Duration wait = ledgers.accepted() < jobs ? pace : pace.multipliedBy(4);
      Pause.of(target.serving() ? wait : PACE_WHILE_DOWN);
    }
    inFlight.acquire(MAX_IN_FLIGHT);
    inFlight.release(MAX_IN_FLIGHT);
  }

  private void submitAndRelease(Plan plan) {
    try {
      submitter.submit(plan);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      inFlight.release();
    }
  }

  /// Reads each job over each channel; the jobs that did not show their end in time.
  ///
  /// @param patience for one job on one channel
  public Set<String> readAll(Collection<String> jobs, List<Channel> channels, Duration patience)
      throws InterruptedException {
    Set<String> unfinished = ConcurrentHashMap.newKeySet();
    Semaphore readers = new Semaphore(READERS);
    for (String job : jobs) {
      readers.acquire();
      Thread.ofVirtual()
          .start(() -> {
            try {
              readEnd(job, channels, patience, unfinished);
            } finally {
              readers.release();
            }
          });
    }
    readers.acquire(READERS);
    return unfinished;
  }

  private void readEnd(
      String job, List<Channel> channels, Duration patience, Set<String> unfinished) {
    try {
      for (Channel channel : channels) {
        Reading reading = reader.readToTheEnd(job, channel, Instant.now().plus(patience));
        if (!reading.state().terminal()) {
          unfinished.add(job);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Every job that the tenants' lists show.
  public Set<String> readLists() throws InterruptedException {
    Set<String> listed = new HashSet<>();
    for (Account account : Account.values()) {
      listed.addAll(reader.readList(account));
    }
    return listed;
  }
}
