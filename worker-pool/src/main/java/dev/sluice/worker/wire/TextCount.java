package dev.sluice.worker.wire;

/// Counts the pieces of a text, for a guess at its tokens. Not safe for use by several threads.
final class TextCount {
  private static final int LONGEST_TOKEN = 16;

  private long size;
  private long pieces;

  void add(String piece) {
    if (!piece.isEmpty()) {
      size += piece.length();
      pieces++;
    }
  }

  /// In UTF-16 units.
  long size() {
    return size;
  }

  /// Most servers send one token a piece; where the pieces are longer, their size tells more.
  long estimatedTokens() {
    return size <= pieces * LONGEST_TOKEN ? pieces : (size + 3) / 4;
  }
}
