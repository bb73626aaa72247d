package dev.sluice.ledgercheck.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Which of those that asked the same made a call.
class SharedCallsTest {
  private static final Instant NOW = Instant.parse("2026-11-29T14:30:00Z");
  private static final String QUESTION = "question";

  private static Post post(String marker) {
    return new Post(
        marker,
        Account.ECHO_A,
        QUESTION,
        Surface.JOB,
        PriceTable.PRICED_MODEL,
        Optional.empty(),
        false,
        false,
        NOW);
  }

  private static Call call(String id, int seconds, Tokens tokens) {
    return new Call(
        id,
        NOW.plusSeconds(seconds),
        QUESTION,
        Optional.empty(),
        PriceTable.PRICED_MODEL,
        false,
        tokens,
        "nonce",
        "hash",
        ProviderFault.NONE,
        "key",
        Call.Ended.NEVER);
  }

  private static CostEntry row(
      String marker, int attempt, int seconds, Map<String, Long> tokens, String source) {
    return new CostEntry(
        marker + "/" + attempt,
        CostEntry.ATTEMPT,
        marker,
        attempt,
        Account.ECHO_A.id(),
        marker,
        PriceTable.PRICED_MODEL,
        tokens,
        Optional.of(0L),
        Optional.of(0L),
        false,
        source,
        NOW.plusSeconds(seconds));
  }

  /// A claim whose worker was killed before it called has a row that knows no counts, and it is
  /// nearer to another's call than that one's own row, which comes after the restart.
  @Test
  void aRowFromBeforeACallIsNotItsRow() {
    Tokens answered = new Tokens(7, 4, 41, 9);
    Call again = call("again", 38, answered);
    Call killed = call("killed", 43, new Tokens(6, 5, 95, 4));
    SharedCalls shared =
        new SharedCalls(
            List.of(post("a"), post("b")),
            List.of(
                row("a", 1, 36, Map.of("input", 27L), "UNKNOWN"),
                row("a", 2, 39, answered.byKind(), "REPORTED"),
                row("b", 1, 55, Map.of("input", 27L), "UNKNOWN")));

    assertEquals(Optional.of("a"), shared.takeReported(again));
    assertEquals(Optional.empty(), shared.takeReported(killed));
    List<String> others = new ArrayList<>();
    shared.forEachOther((marker, call) -> others.add(marker + " " + call.id()));
    assertEquals(List.of("b killed"), others);
  }
}
