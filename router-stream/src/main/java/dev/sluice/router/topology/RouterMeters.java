package dev.sluice.router.topology;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// The router's metrics.
final class RouterMeters {
  private final AtomicInteger owned = new AtomicInteger();
  private final Counter admitted;
  private final Counter joined;
  private final Counter answered;
  private final Counter conflicts;
  private final Counter overLimit;
  private final Counter alerts;
  private final Counter transitions;
  private final Counter ended;
  private final Counter retries;
  private final Counter retriesDelayed;
  private final Counter lost;
  private final Counter poison;
  private final Counter ignored;
  private final Counter copied;
  private final Counter copiesSkipped;
  private final BacklogMeters backlog;
  private volatile Runnable givenUp = () -> {};

  RouterMeters(MeterRegistry meters) {
    Gauge.builder("sluice.router.tasks", owned, AtomicInteger::get)
        .description("tasks this process owns")
        .register(meters);
    admitted = counter(meters, "sluice.router.jobs.admitted", "jobs admitted");
    joined = counter(meters, "sluice.router.repeats.joined", "repeats joined to their first job");
    answered = counter(meters, "sluice.router.answers.given", "jobs given an answer that was kept");
    overLimit = counter(meters, "sluice.router.limits.refused", "submissions refused for a limit");
    alerts = counter(meters, "sluice.router.alerts", "alerts of budgets told");
    conflicts =
        counter(meters, "sluice.router.repeats.refused", "submissions refused for their key");
    transitions = counter(meters, "sluice.router.transitions", "transitions logged");
    ended = counter(meters, "sluice.router.jobs.ended", "jobs ended");
    retries = counter(meters, "sluice.router.attempts.retried", "attempts followed by another");
    retriesDelayed =
        counter(meters, "sluice.router.retries.delayed", "retries that wait for their budget");
    lost = counter(meters, "sluice.router.workers.lost", "attempts whose worker was lost");
    poison = counter(meters, "sluice.router.records.poison", "records set aside");
    backlog = new BacklogMeters(meters);
    copied = counter(meters, "sluice.router.shadows.admitted", "shadow copies admitted");
    copiesSkipped =
        counter(
            meters,
            "sluice.router.shadows.skipped",
            "jobs not copied because too many copies wait");
    ignored = counter(meters, "sluice.router.commands.ignored", "repeated or late commands");
  }

  private static Counter counter(MeterRegistry meters, String name, String description) {
    return Counter.builder(name).description(description).register(meters);
  }

  BacklogMeters backlog() {
    return backlog;
  }

  int owned() {
    return owned.get();
  }

  void tookOver() {
    owned.incrementAndGet();
  }

  void gaveUp() {
    owned.decrementAndGet();
    givenUp.run();
  }

  /// Calls this after a task was given up.
  void onGivenUp(Runnable listener) {
    givenUp = listener;
  }

  void admitted() {
    admitted.increment();
  }

  void joined() {
    joined.increment();
  }

  void answered() {
    answered.increment();
  }

  void keyRefused() {
    conflicts.increment();
  }

  void limitRefused() {
    overLimit.increment();
  }

  void alerted() {
    alerts.increment();
  }

  void transition() {
    transitions.increment();
  }

  void ended() {
    ended.increment();
  }

  void retried() {
    retries.increment();
  }

  void retryDelayed() {
    retriesDelayed.increment();
  }

  void lost() {
    lost.increment();
  }

  void poison() {
    poison.increment();
  }

  void copied() {
    copied.increment();
  }

  void copiesSkipped() {
    copiesSkipped.increment();
  }

  void ignored() {
    ignored.increment();
  }
}
