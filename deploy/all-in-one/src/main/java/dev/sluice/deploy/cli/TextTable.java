package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.List;

/// Rows of cells as columns for people, the first row being their names. Pure but for printing.
///
/// @param leftColumns how many of the columns, from the left, hold words; the others hold figures
record TextTable(List<List<String>> rows, int leftColumns) {

  void print(PrintWriter out) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        // Words to the left, figures to the right.
        String pattern = column < leftColumns ? "%-" : "%";
        line.append((pattern + Math.max(1, widths[column]) + "s  ").formatted(row.get(column)));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
