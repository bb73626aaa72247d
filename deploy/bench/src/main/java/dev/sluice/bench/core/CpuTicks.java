package dev.sluice.bench.core;

import java.util.Arrays;

/// Reads processor time out of the kernel's text, in its ticks.
public final class CpuTicks {
  /// What Linux reports to programs, whatever its own clock.
  public static final int PER_SECOND = 100;

  public static final double MICROS_PER_TICK = 1e6 / PER_SECOND;

  private static final int USER_TIME = 11;
  private static final int SYSTEM_TIME = 12;

  private CpuTicks() {}

  /// Ticks that a process has used, from `/proc/PID/stat`. Its name may contain anything.
  public static long ofProcess(String stat) {
    String[] fields = words(stat.substring(stat.lastIndexOf(')') + 1));
    return Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]);
  }

  /// Ticks that all processors together were busy, from the first line of `/proc/stat`.
  public static long ofMachine(String stat) {
    long[] ticks =
        Arrays.stream(words(stat.lines().findFirst().orElseThrow()))
            .skip(1)
            .mapToLong(Long::parseLong)
            .toArray();
    long busy = 0;
    // user nice system idle iowait irq softirq steal; guests are within user.
    for (int field = 0; field < 8; field++) {
      busy += field == 3 || field == 4 ? 0 : ticks[field];
    }
    return busy;
  }

  /// Processors' worth of work that others did meanwhile.
  public static double foreignCores(long machineTicks, long ourTicks, double seconds) {
    return Math.max(0, machineTicks - ourTicks) / (PER_SECOND * seconds);
  }

  private static String[] words(String text) {
    return text.strip().split(" +", -1);
  }
}
