package dev.sluice.runtime.config;

/// Where a value was written: a place in a file, or the name of a variable or option.
///
/// @param source file name, `SLUICE_PORT`, `--port`
/// @param line from 1; 0 where a source has no lines
/// @param column from 1, counted in characters
public record Where(String source, int line, int column) implements Comparable<Where> {

  static Where named(String source) {
    return new Where(source, 0, 0);
  }

  /// `file:line:col`, as editors and terminals know it.
  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }

  @Override
  public int compareTo(Where other) {
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : Integer.compare(column, other.column);
  }
}
