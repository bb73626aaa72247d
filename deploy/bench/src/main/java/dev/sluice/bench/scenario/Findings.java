package dev.sluice.bench.scenario;

import dev.sluice.bench.report.Row;
import java.util.ArrayList;
import java.util.List;

/// What a scenario gathers while it runs. Used by one thread.
public final class Findings {
  private final List<Row> rows = new ArrayList<>();
  private final List<Row> runs = new ArrayList<>();
  private String headline = "";
  private boolean right = true;

  void row(Row row) {
    rows.add(row);
  }

  void run(Row row) {
    runs.add(row);
  }

  void headline(String text) {
    headline = text;
  }

  /// A wrong or missing answer fails the whole page instead of shortening a row.
  void require(boolean holds) {
    right &= holds;
  }

  public List<Row> rows() {
    return rows;
  }

  public List<Row> runs() {
    return runs;
  }

  public String headline() {
    return headline;
  }

  public boolean right() {
    return right;
  }
}
