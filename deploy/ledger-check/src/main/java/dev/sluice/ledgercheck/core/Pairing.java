package dev.sluice.ledgercheck.core;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Pairs each call with at most one row that fits it, and each row with at most one call.
///
/// A row that would explain several calls goes to where it is needed: whatever finds a partner
/// moves others aside (augmenting paths), and what has a partner keeps one. Used by one thread.
final class Pairing {
  private static final int NONE = -1;

  private final List<Call> calls;
  private final List<CostEntry> rows;
  private final BiPredicate<Call, CostEntry> fits;
  private final int[] rowOfCall;
  private final int[] callOfRow;

  /// @param needsCall whether a row must be explained by a call; the others take what is left
  Pairing(
      List<Call> calls,
      List<CostEntry> rows,
      BiPredicate<Call, CostEntry> fits,
      Predicate<CostEntry> needsCall) {
    this.calls = calls;
    this.rows = rows;
    this.fits = fits;
    rowOfCall = new int[calls.size()];
    callOfRow = new int[rows.size()];
    Arrays.fill(rowOfCall, NONE);
    Arrays.fill(callOfRow, NONE);
    for (int row = 0; row < rows.size(); row++) {
      if (needsCall.test(rows.get(row))) {
        placeRow(row, new boolean[calls.size()]);
      }
    }
    for (int call = 0; call < calls.size(); call++) {
      if (rowOfCall[call] == NONE) {
        placeCall(call, new boolean[rows.size()]);
      }
    }
  }

  List<Call> callsLeft() {
    return IntStream.range(0, calls.size())
        .filter(call -> rowOfCall[call] == NONE)
        .mapToObj(calls::get)
        .toList();
  }

  List<CostEntry> rowsLeft() {
    return IntStream.range(0, rows.size())
        .filter(row -> callOfRow[row] == NONE)
        .mapToObj(rows::get)
        .toList();
  }

  private boolean placeRow(int row, boolean[] seen) {
    for (int call = 0; call < calls.size(); call++) {
      if (!seen[call] && fits.test(calls.get(call), rows.get(row))) {
        seen[call] = true;
        if (rowOfCall[call] == NONE || placeRow(rowOfCall[call], seen)) {
          pair(call, row);
          return true;
        }
      }
    }
    return false;
  }

  private boolean placeCall(int call, boolean[] seen) {
    for (int row = 0; row < rows.size(); row++) {
      if (!seen[row] && fits.test(calls.get(call), rows.get(row))) {
        seen[row] = true;
        if (callOfRow[row] == NONE || placeCall(callOfRow[row], seen)) {
          pair(call, row);
          return true;
        }
      }
    }
    return false;
  }

  private void pair(int call, int row) {
    rowOfCall[call] = row;
    callOfRow[row] = call;
  }
}
