package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever is paused, resumed, drained and reprioritised, in whatever order: what is held back is
/// not released, nothing is lost, and a state made anew of the same jobs does the same.
class ControlPropertyTest {
  private static final Policy POLICY =
      Jobs.policy(4, new Policy.Fallback("q", "y", Set.of(Policy.FallbackCause.DOWN)));
  private static final List<String> TENANTS = List.of("acme", "other");
  private static final List<String> GROUPS = List.of("one", "two");
  private static final int STEPS = 400;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void nothingHeldBackIsReleasedAndNothingIsLost(long seed) {
    Random random = new Random(seed);
    Play play = new Play();
    for (int step = 0; step < STEPS; step++) {
      play.step(random, step);
      play.releaseSome(random.nextInt(4));
      if (random.nextInt(20) == 0) {
        play.restore();
      }
    }

    play.resumeAll();

    assertEquals(Set.of(), play.waiting, "seed " + seed);
  }

  /// A task whose worker ends each job as soon as it has it.
  private static final class Play {
    private TaskState state = new TaskState();
    private final Map<Control.Target, Control> controls = new HashMap<>();
    private final Set<JobId> waiting = new HashSet<>();

    void step(Random random, int number) {
      switch (random.nextInt(6)) {
        case 0, 1 -> admit(random, number);
        case 2, 3 -> control(target(random), random);
        case 4 -> {
          controls.remove(target(random));
          adopt();
        }
        default -> reprioritise(random);
      }
    }

    private void admit(Random random, int number) {
      Priority priority = Priority.values()[random.nextInt(3)];
      Optional<String> group =
          random.nextBoolean() ? Optional.of(pick(random, GROUPS)) : Optional.empty();
      Job job = Jobs.inGroup(Jobs.waiting(number, pick(random, TENANTS), priority, 100), group);
      waiting.add(job.id());
      state.apply(job);
      place(job.id());
    }

    private void reprioritise(Random random) {
      if (waiting.isEmpty()) {
        return;
      }
      Job job = state.job(List.copyOf(waiting).get(random.nextInt(waiting.size()))).orElseThrow();
      JobCommand other =
          new JobCommand.Reprioritise(
              Optional.of(Priority.values()[random.nextInt(3)]), Optional.empty());
      if (JobMachine.decide(job, other, Jobs.moment()) instanceof JobDecision.Moves moves) {
        state.apply(moves.after());
        if (!state.queued(job.id())) {
          place(job.id());
        }
      }
    }

    private Control.Target target(Random random) {
      return switch (random.nextInt(4)) {
        case 0 -> new Control.Tenant(pick(random, TENANTS));
        case 1 -> new Control.Group(pick(random, TENANTS), pick(random, GROUPS));
        case 2 -> new Control.Pool(random.nextBoolean() ? "p" : "q");
        default -> job(random);
      };
    }

    private Control.Target job(Random random) {
      List<JobId> all = List.copyOf(waiting);
      if (all.isEmpty()) {
        return new Control.Pool("p");
      }
      JobId id = all.get(random.nextInt(all.size()));
      return new Control.Job(state.job(id).orElseThrow().tenant(), id);
    }

    private void control(Control.Target target, Random random) {
      boolean drains = target instanceof Control.Pool && random.nextBoolean();
      Control.Mode mode = drains ? Control.Mode.DRAINING : Control.Mode.PAUSED;
      controls.put(target, new Control(target, mode, "", "ops", Jobs.NOW));
      adopt();
    }

    private void adopt() {
      Set<String> draining = state.controls().draining();
      state.control(Controls.of(controls.values())).forEach(this::place);
      if (!draining.equals(state.controls().draining())) {
        Jobs.placeAnew(state, routing());
      }
    }

    private void place(JobId id) {
      state.place(id, routing());
    }

    private RouteMoment routing() {
      return Jobs.routing(POLICY, pool -> !state.controls().draining().contains(pool), Jobs.NOW);
    }

    void releaseSome(int most) {
      for (int i = 0; i < most; i++) {
        Optional<TaskState.Pick> pick = state.nextRelease(POLICY, Jobs.NOW);
        if (pick.isEmpty()) {
          return;
        }
        Job job = pick.get().job();
        assertFalse(state.paused(job), "released while paused: " + job.id());
        String pool = pick.get().placement().pool();
        assertEquals(Optional.empty(), state.controls().ofPool(pool), "released to " + pool);
        end(job, pick.get().placement());
      }
    }

    private void end(Job job, Placement placement) {
      Job released = Jobs.after(job, new JobCommand.Release(placement));
      state.apply(released);
      Job running = Jobs.after(released, Jobs.claim(1, 1));
      state.apply(running);
      state.apply(Jobs.after(running, Jobs.success(1, 1, job.submission().offset())));
      state.forget(job.id());
      waiting.remove(job.id());
    }

    /// The same jobs in a state made anew, as after a takeover.
    void restore() {
      List<Job> jobs = new ArrayList<>(state.jobs());
      state = Jobs.restored(jobs);
      var _ = state.control(Controls.of(controls.values()));
      jobs.forEach(job -> place(job.id()));
    }

    void resumeAll() {
      controls.clear();
      adopt();
      releaseSome(Integer.MAX_VALUE);
    }

    private static String pick(Random random, List<String> all) {
      return all.get(random.nextInt(all.size()));
    }
  }
}
