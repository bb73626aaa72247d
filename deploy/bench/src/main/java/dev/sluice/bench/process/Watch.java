package dev.sluice.bench.process;

import dev.sluice.bench.core.CpuTicks;
import java.io.IOException;
import java.util.OptionalLong;

/// Reads processor time and broker requests at the begin of a run, and tells at its end what it
/// cost and how much others disturbed it.
public final class Watch {
  private final SluiceProcess sluice;
  private final MockProcess mock;
  private final long beganNanos = System.nanoTime();
  private final long machineTicks;
  private final long sluiceTicks;
  private final long mockTicks;
  private final long ownTicks;
  private final OptionalLong kafkaRequests;

  /// @param foreignCores processors' worth of work of other processes
  /// @param kafkaRequests sent by Sluice's clients; empty where it does not publish them
  public record Cost(
      double seconds,
      double sluiceCpuMicros,
      double mockCpuMicros,
      double foreignCores,
      OptionalLong kafkaRequests) {}

  public Watch(SluiceProcess sluice, MockProcess mock) throws IOException, InterruptedException {
    this.sluice = sluice;
    this.mock = mock;
    kafkaRequests = sluice.kafkaRequests();
    machineTicks = Kernel.machineTicks();
    sluiceTicks = Kernel.cpuTicks(sluice.pid());
    mockTicks = Kernel.cpuTicks(mock.pid());
    ownTicks = Kernel.cpuTicks(ProcessHandle.current().pid());
  }

  public Cost stop() throws IOException, InterruptedException {
    double seconds = (System.nanoTime() - beganNanos) / 1e9;
    long bySluice = Kernel.cpuTicks(sluice.pid()) - sluiceTicks;
    long byMock = Kernel.cpuTicks(mock.pid()) - mockTicks;
    long own = Kernel.cpuTicks(ProcessHandle.current().pid()) - ownTicks;
    long machine = Kernel.machineTicks() - machineTicks;
    OptionalLong after = sluice.kafkaRequests();
    return new Cost(
        seconds,
        bySluice * CpuTicks.MICROS_PER_TICK,
        byMock * CpuTicks.MICROS_PER_TICK,
        CpuTicks.foreignCores(machine, bySluice + byMock + own, seconds),
        kafkaRequests.isPresent() && after.isPresent()
            ? OptionalLong.of(after.getAsLong() - kafkaRequests.getAsLong())
            : OptionalLong.empty());
  }
}
