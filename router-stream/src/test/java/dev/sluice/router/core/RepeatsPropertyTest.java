package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Wherever the writer crashes and whatever is read again: within its window a key names one job,
/// every submission has an answer, and each repeat is a repeat of a job with the same request.
class RepeatsPropertyTest {
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final int SUBMISSIONS = 120;
  private static final int RUNS_PER_SEED = 60;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void aKeyNeverAdmitsTwoJobs(long seed) {
    Random random = new Random(seed);
    for (int run = 0; run < RUNS_PER_SEED; run++) {
      List<Sent> inputs = inputs(random);
      Writer writer = new Writer(inputs, random);

      while (writer.read < inputs.size()) {
        switch (random.nextInt(12)) {
          case 0 -> writer.commit();
          case 1, 2, 3 -> writer.endOne();
          case 4 -> writer.settle();
          case 5 -> writer = random.nextInt(3) == 0 ? writer.crash() : writer;
          default -> writer.readNext();
        }
      }
      writer = writer.crash();
      writer.readAll();

      writer.check("seed " + seed + " run " + run);
    }
  }

  /// @param request which request it is
  private record Sent(Job job, String name, int request, boolean retry, Instant at) {}

  private static List<Sent> inputs(Random random) {
    List<Sent> inputs = new ArrayList<>();
    Instant at = Jobs.NOW;
    for (int i = 0; i < SUBMISSIONS; i++) {
      at = at.plusSeconds(random.nextInt(60));
      int request = random.nextInt(4);
      String name = random.nextInt(3) == 0 ? "" : "k" + random.nextInt(3);
      ByteBuffer fingerprint = ByteBuffer.allocate(16).putInt(0, request);
      RepeatKey key =
          name.isEmpty()
              ? RepeatKey.unnamed("acme", fingerprint, at)
              : RepeatKey.named("acme", name, fingerprint, at);
      Job job = Jobs.with(Jobs.waiting(i), key);
      inputs.add(new Sent(job, name, request, random.nextBoolean(), at));
    }
    return inputs;
  }

  /// What the log keeps of a job after one transition.
  private sealed interface Kept {
    record Live(Job job) implements Kept {}

    record Ended(Repeats.Remembered job) implements Kept {}

    record Joined(JobId first) implements Kept {}

    record Nothing() implements Kept {}
  }

  /// @param read inputs read by then
  private record Logged(JobId id, Kept kept, int read) {}

  /// A single writer with its log, as `RepeatDesk` and `RouterDesk` are. What it says leaves after
  /// its record is in the log, and is said again as long as the record is there.
  private static final class Writer {
    private final List<Sent> inputs;
    private final Random random;
    private final Repeats repeats = new Repeats(WINDOW);
    private final Map<JobId, Job> live = new HashMap<>();
    private final List<Logged> log = new ArrayList<>();
    private final List<JobId> joined = new ArrayList<>();
    private Instant logTime = Instant.EPOCH;
    private int next;
    private int read;
    private int committed;
    private int flushed;

    private List<JobId> done = List.of();
    private final List<JobId> over = new ArrayList<>();

    Writer(List<Sent> inputs, Random random) {
      this.inputs = inputs;
      this.random = random;
    }

    void readNext() {
      Sent sent = inputs.get(next);
      boolean again = next < read;
      next++;
      if (again || live.containsKey(sent.job().id())) {
        return;
      }
      read = next;
      logTime = sent.at().isAfter(logTime) ? sent.at() : logTime;
      JobId id = sent.job().id();
      RepeatDecision decision =
          repeats.decide(id, sent.job().repeat().orElseThrow(), sent.retry(), logTime);
      switch (decision) {
        case RepeatDecision.First _ -> write(sent.job());
        case RepeatDecision.Conflict _ -> write(Jobs.failed(sent.job().withoutRepeat()));
        case RepeatDecision.RepeatOf(JobId first) -> {
          joined.add(id);
          log.add(new Logged(id, new Kept.Joined(first), read));
        }
        case RepeatDecision.Same _ -> throw new AssertionError("nothing is sent twice here");
        case RepeatDecision.Full _ -> throw new AssertionError("never full");
      }
    }

    void readAll() {
      while (next < inputs.size()) {
        readNext();
      }
    }

    private void write(Job job) {
      live.put(job.id(), job);
      repeats.apply(job);
      log.add(new Logged(job.id(), new Kept.Live(job), read));
    }

    void endOne() {
      List<Job> open = live.values().stream().filter(job -> !job.done()).toList();
      if (!open.isEmpty()) {
        Job job = open.get(random.nextInt(open.size()));
        write(random.nextInt(3) == 0 ? Jobs.failed(job) : Jobs.succeeded(job));
      }
    }

    void commit() {
      committed = next;
      flushed = log.size();
      done = live.values().stream().filter(Job::done).map(Job::id).toList();
      over.addAll(repeats.expire(logTime));
      over.addAll(joined);
      joined.clear();
    }

    void settle() {
      over.forEach(id -> log.add(new Logged(id, new Kept.Nothing(), read)));
      over.clear();
      for (JobId id : done) {
        Job job = live.remove(id);
        Optional<Repeats.Remembered> kept = repeats.afterEnd(job, logTime);
        if (kept.isPresent()) {
          repeats.apply(kept.get());
          log.add(new Logged(id, new Kept.Ended(kept.get()), read));
        } else {
          repeats.forget(job);
          log.add(new Logged(id, new Kept.Nothing(), read));
        }
      }
      done = List.of();
    }

    /// The next owner: it finds a prefix of the log that holds all that a commit covered, and reads
    /// again from that commit.
    Writer crash() {
      Writer owner = new Writer(inputs, random);
      int kept = flushed + random.nextInt(log.size() - flushed + 1);
      owner.log.addAll(log.subList(0, kept));
      owner.flushed = kept;
      owner.next = committed;
      owner.committed = committed;
      owner.read = committed;
      Map<JobId, Kept> state = new HashMap<>();
      for (Logged record : owner.log) {
        if (!(record.kept() instanceof Kept.Nothing)) {
          // A tombstone does not say how far the inputs were read.
          owner.read = Math.max(owner.read, record.read());
        }
        state.put(record.id(), record.kept());
      }
      for (var entry : state.entrySet()) {
        switch (entry.getValue()) {
          case Kept.Live(Job job) -> {
            owner.live.put(entry.getKey(), job);
            owner.repeats.apply(job);
          }
          case Kept.Ended(Repeats.Remembered job) -> owner.repeats.apply(job);
          case Kept.Joined _ -> owner.joined.add(entry.getKey());
          case Kept.Nothing _ -> {}
        }
      }
      return owner;
    }

    void check(String which) {
      Map<JobId, Job> admitted = new HashMap<>();
      Map<JobId, JobId> joined = new HashMap<>();
      for (Logged record : log) {
        switch (record.kept()) {
          case Kept.Live(Job job) -> admitted.put(record.id(), job);
          case Kept.Joined(JobId first) -> joined.put(record.id(), first);
          case Kept.Ended _, Kept.Nothing _ -> {}
        }
      }
      Map<String, Instant> since = new HashMap<>();
      for (Sent sent : inputs) {
        JobId id = sent.job().id();
        boolean own = admitted.containsKey(id);
        assertTrue(own || joined.containsKey(id), which + ": an answer for " + id);
        assertFalse(own && joined.containsKey(id), which + ": two answers for " + id);
        if (joined.containsKey(id)) {
          Sent first =
              inputs.stream()
                  .filter(s -> s.job().id().equals(joined.get(id)))
                  .findAny()
                  .orElseThrow();
          assertTrue(admitted.containsKey(joined.get(id)), which + ": joined to a job");
          assertEquals(first.request(), sent.request(), which + ": the same request");
          assertEquals(first.name(), sent.name(), which + ": the same key");
        } else if (!sent.name().isEmpty() && admitted.get(id).repeat().isPresent()) {
          Instant before = since.put(sent.name(), sent.at());
          assertFalse(
              before != null && sent.at().isBefore(before.plus(WINDOW)),
              which + ": two jobs under " + sent.name());
        }
      }
    }
  }
}
