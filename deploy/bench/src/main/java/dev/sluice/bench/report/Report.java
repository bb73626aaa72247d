package dev.sluice.bench.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// One scenario's answer.
///
/// @param command that makes it again
/// @param question what was measured and how, in a sentence or two
/// @param headline the figure for the index
/// @param rows what counts: medians over rounds
/// @param runs every single run, the disturbed ones too
/// @param right whether every answer of every run was right
public record Report(
    String scenario,
    String command,
    String question,
    String headline,
    Instant at,
    Duration took,
    Machine machine,
    List<Row> rows,
    List<Row> runs,
    boolean right) {

  public Report {
    rows = List.copyOf(rows);
    runs = List.copyOf(runs);
  }
}
