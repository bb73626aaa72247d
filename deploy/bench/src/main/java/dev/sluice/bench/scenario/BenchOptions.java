package dev.sluice.bench.scenario;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How long and how hard to measure.
///
/// @param launcher `deploy/sluice`
/// @param work folder for data and logs
/// @param rounds measured turns of each row; the row is their median
/// @param rates requests a second of open loops
/// @param callers of closed loops
/// @param backlogs jobs that wait at once
/// @param waiting jobs that wait while Sluice is restarted
/// @param finished jobs that ended before it is restarted
/// @param lines of a batch's input
/// @param events of the stream that is resumed
public record BenchOptions(
    Path launcher,
    Path work,
    Duration measured,
    Duration warmUp,
    int rounds,
    List<Integer> rates,
    List<Integer> callers,
    List<Integer> backlogs,
    int waiting,
    int finished,
    List<Integer> lines,
    int events) {

  public BenchOptions {
    rates = List.copyOf(rates);
    callers = List.copyOf(callers);
    backlogs = List.copyOf(backlogs);
    lines = List.copyOf(lines);
  }
}
