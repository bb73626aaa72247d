package dev.sluice.bench.micro;

import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// Decisions about one job.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JobMachineBench {
  private final Job waiting = MicroJobs.waiting(1);
  private final Job running =
      MicroJobs.after(
          MicroJobs.after(waiting, new JobCommand.Release(MicroJobs.PLACE)), MicroJobs.claim());

  @Benchmark
  public JobDecision release() {
    return JobMachine.decide(waiting, new JobCommand.Release(MicroJobs.PLACE), MicroJobs.MOMENT);
  }

  @Benchmark
  public JobDecision outcome() {
    return JobMachine.decide(running, MicroJobs.success(2), MicroJobs.MOMENT);
  }
}
