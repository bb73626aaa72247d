package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.contract.model.JobId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RepeatsTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Instant NOW = Jobs.NOW;

  private final Repeats repeats = new Repeats(DAY, 2);

  private static RepeatKey named(String name, int request) {
    return RepeatKey.named("acme", name, request(request), NOW);
  }

  private static RepeatKey unnamed(int request, Instant since) {
    return RepeatKey.unnamed("acme", request(request), since);
  }

  private static ByteBuffer request(int number) {
    return ByteBuffer.allocate(16).putInt(0, number);
  }

  private static Job job(int number, RepeatKey key) {
    return Jobs.with(Jobs.waiting(number), key);
  }

  private static Job ended(Job job) {
    return Jobs.after(Jobs.running(job, 7), Jobs.success(1, 7, 1));
  }

  private RepeatDecision decide(Job job, boolean retry, Instant now) {
    return repeats.decide(job.id(), job.repeat().orElseThrow(), retry, now);
  }

  private static RepeatDecision repeatOf(Job first) {
    return new RepeatDecision.RepeatOf(first.id());
  }

  private void remember(Job ended) {
    repeats.apply(repeats.afterEnd(ended, NOW).orElseThrow());
  }

  @Test
  void theSameKeyAndRequestIsTheSameJob() {
    Job first = job(1, named("k", 1));
    repeats.apply(first);

    assertEquals(repeatOf(first), decide(job(2, named("k", 1)), false, NOW));
    assertEquals(new RepeatDecision.Same(), decide(first, false, NOW));
  }

  @Test
  void theSameKeyWithAnotherRequestIsRefused() {
    repeats.apply(job(1, named("k", 1)));

    assertEquals(new RepeatDecision.Conflict(), decide(job(2, named("k", 2)), false, NOW));
  }

  @Test
  void anotherTenantsKeyIsAnotherKey() {
    repeats.apply(job(1, named("k", 1)));
    RepeatKey foreign = RepeatKey.named("other", "k", request(1), NOW);

    assertEquals(new RepeatDecision.First(), decide(job(2, foreign), false, NOW));
  }

  @Test
  void aKeyHoldsThroughItsWindowAndNotAfter() {
    Job first = job(1, named("k", 1));
    remember(ended(first));
    Job second = job(2, named("k", 2));

    assertEquals(
        new RepeatDecision.Conflict(), decide(second, false, NOW.plus(DAY).minusMillis(1)));
    assertEquals(new RepeatDecision.First(), decide(second, false, NOW.plus(DAY)));
    assertEquals(List.of(first.id()), repeats.expire(NOW.plus(DAY)));
    assertEquals(0, repeats.size());
  }

  @Test
  void aJobThatOutlivesTheWindowKeepsItsKey() {
    Job first = job(1, named("k", 1));
    repeats.apply(first);

    assertEquals(repeatOf(first), decide(job(2, named("k", 1)), false, NOW.plus(DAY).plus(DAY)));
  }

  @Test
  void withoutANameOnlyAnSdksRetryIsARepeat() {
    Job first = job(1, unnamed(1, NOW));
    repeats.apply(first);

    assertEquals(new RepeatDecision.First(), decide(job(2, unnamed(1, NOW)), false, NOW));
    assertEquals(repeatOf(first), decide(job(2, unnamed(1, NOW)), true, NOW));
    assertEquals(new RepeatDecision.First(), decide(job(2, unnamed(2, NOW)), true, NOW));
  }

  @Test
  void aRetryFindsAJobThatHasJustSucceeded() {
    Job first = job(1, unnamed(1, NOW));
    remember(ended(first));

    assertEquals(repeatOf(first), decide(job(2, unnamed(1, NOW)), true, NOW.plusSeconds(30)));
    assertEquals(
        new RepeatDecision.First(), decide(job(2, unnamed(1, NOW)), true, NOW.plus(Repeats.GRACE)));
  }

  @Test
  void aRetryOfWhatFailedIsANewTry() {
    Job failed = Jobs.after(job(1, unnamed(1, NOW)), new JobCommand.Expire());
    repeats.apply(failed);
    Job retry = job(2, unnamed(1, NOW));

    assertEquals(new RepeatDecision.First(), decide(retry, true, NOW));
    assertEquals(Optional.empty(), repeats.afterEnd(failed, NOW));
  }

  @Test
  void ofTwoJobsWithOneRequestTheLaterCountsWhateverTheLogsOrder() {
    Job first = job(1, unnamed(1, NOW));
    Job second = job(2, unnamed(1, NOW.plusSeconds(1)));
    repeats.apply(second);
    repeats.apply(first);

    assertEquals(repeatOf(second), decide(job(3, unnamed(1, NOW)), true, NOW));
  }

  @Test
  void aKeyThatCouldNotBeKeptIsRefusedAndARequestIsJustNotKept() {
    remember(ended(job(1, named("a", 1))));
    remember(ended(job(2, named("b", 1))));
    remember(ended(job(3, unnamed(3, NOW))));
    remember(ended(job(4, unnamed(4, NOW))));

    assertInstanceOf(RepeatDecision.Full.class, decide(job(5, named("c", 1)), false, NOW));
    assertEquals(Optional.empty(), repeats.afterEnd(ended(job(6, unnamed(6, NOW))), NOW));
    repeats.expire(NOW.plus(DAY));
    assertInstanceOf(RepeatDecision.First.class, decide(job(5, named("c", 1)), false, NOW));
  }

  @Test
  void anErasedJobsKeyIsFree() {
    Job first = job(1, named("k", 1));
    remember(ended(first));

    repeats.forget(repeats.remembered(first.id()).orElseThrow());

    assertEquals(new RepeatDecision.First(), decide(job(2, named("k", 2)), false, NOW));
    assertEquals(List.of(), repeats.expire(NOW.plus(DAY)));
  }

  @Test
  void aJobIsCancelledWhenTheLastOfThoseWhoWaitHasLeft() {
    Job job = Jobs.streamingToACaller(Jobs.waiting(1));
    JobId other = Jobs.waiting(2).id();
    job = Jobs.after(job, new JobCommand.Join(other, true));

    Job one = Jobs.after(job, new JobCommand.Leave(job.id()));

    assertInstanceOf(Phase.Waiting.class, one.phase());
    assertInstanceOf(Phase.Done.class, Jobs.after(one, new JobCommand.Leave(other)).phase());
    assertInstanceOf(
        JobDecision.Ignores.class,
        JobMachine.decide(one, new JobCommand.Leave(job.id()), Jobs.moment()));
  }

  @Test
  void aRepeatThatDoesNotWaitKeepsTheJobForGood() {
    Job job = Jobs.streamingToACaller(Jobs.waiting(1));
    Job kept = Jobs.after(job, new JobCommand.Join(Jobs.waiting(2).id(), false));

    assertInstanceOf(
        JobDecision.Ignores.class,
        JobMachine.decide(kept, new JobCommand.Leave(job.id()), Jobs.moment()));
  }

  @Test
  void aRepeatOfAJobThatNobodyWaitsForChangesNothing() {
    Job job = Jobs.waiting(1);
    JobCommand join = new JobCommand.Join(Jobs.waiting(2).id(), true);

    assertInstanceOf(JobDecision.Ignores.class, JobMachine.decide(job, join, Jobs.moment()));
  }

  @Test
  void erasingAFinishedJobTakesItsKeyAway() {
    Job done = ended(job(1, named("k", 1)));

    Job erased = Jobs.after(done, new JobCommand.Erase());

    assertEquals(Optional.empty(), erased.repeat());
    assertEquals(Jobs.endOf(done), Jobs.endOf(erased));
  }
}
