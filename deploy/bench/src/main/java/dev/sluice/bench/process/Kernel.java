package dev.sluice.bench.process;

import dev.sluice.bench.core.CpuTicks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What Linux says of processes.
public final class Kernel {
  private static final Path PROC = Path.of("/proc");

  private Kernel() {}

  public static long cpuTicks(long pid) throws IOException {
    return CpuTicks.ofProcess(Files.readString(PROC.resolve(pid + "/stat")));
  }

  public static long machineTicks() throws IOException {
    return CpuTicks.ofMachine(Files.readString(PROC.resolve("stat")));
  }

  /// Resident memory of a process, MiB.
  public static double residentMib(long pid) throws IOException {
    return status(pid, "VmRSS:") / 1024.0;
  }

  /// The most it ever was, MiB.
  public static double peakResidentMib(long pid) throws IOException {
    return status(pid, "VmHWM:") / 1024.0;
  }

  /// Platform threads of a process.
  public static int threads(long pid) throws IOException {
    return (int) status(pid, "Threads:");
  }

  private static long status(long pid, String field) throws IOException {
    return Files.readAllLines(PROC.resolve(pid + "/status")).stream()
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
