package dev.sluice.bench.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CpuTicksTest {

  @Test
  void readsUserAndSystemTimeWhateverTheProcessIsCalled() {
    String stat = "42 (a (b) 7) S 1 42 42 0 -1 4194304 100 0 3 0 1500 250 0 0 20 0 30 0 9000";

    assertEquals(1_750, CpuTicks.ofProcess(stat));
  }

  @Test
  void neitherIdleNorWaitingNorGuestTimeIsBusy() {
    String stat = "cpu  100 10 20 9000 500 3 4 5 70 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";

    assertEquals(142, CpuTicks.ofMachine(stat));
  }

  @Test
  void whatOthersDidIsWhatIsLeft() {
    assertEquals(0.5, CpuTicks.foreignCores(350, 250, 2));
    assertEquals(0, CpuTicks.foreignCores(249, 250, 2));
  }
}
