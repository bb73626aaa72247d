package dev.sluice.bench.micro;

import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.TaskState;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// A whole life of a job in the state of a task, with others waiting: admitted, placed, released,
/// claimed, ended, forgotten.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TaskStateBench {
  @Param({"1000", "100000"})
  public int waiting;

  private TaskState state = new TaskState();
  private int number;

  @Setup(Level.Trial)
  public void fill() {
    state = new TaskState();
    number = 0;
    for (int i = 0; i < waiting; i++) {
      admit();
    }
  }

  private void admit() {
    Job job = MicroJobs.waiting(number++);
    state.apply(job);
    state.place(job.id(), MicroJobs.ROUTING);
  }

  @Benchmark
  public Job life() {
    admit();
    TaskState.Pick pick = state.nextRelease(MicroJobs.POLICY, MicroJobs.NOW).orElseThrow();
    Job released = MicroJobs.after(pick.job(), new JobCommand.Release(pick.placement()));
    state.apply(released);
    Job running = MicroJobs.after(released, MicroJobs.claim());
    state.apply(running);
    Job done = MicroJobs.after(running, MicroJobs.success(number));
    state.apply(done);
    state.forget(done.id());
    return done;
  }
}
