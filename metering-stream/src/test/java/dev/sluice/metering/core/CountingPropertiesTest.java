package dev.sluice.metering.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the ledger repeats, reorders or is read again, the totals are those of each call once.
class CountingPropertiesTest {
  private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");

  /// Metering without Kafka: what one task keeps, and what it has counted.
  private record Book(
      Map<String, CountedJob> counted, List<UsageTally> tally, List<LedgerProgress> progress) {
    static Book empty() {
      return new Book(
          new HashMap<>(),
          new ArrayList<>(List.of(UsageTally.EMPTY)),
          new ArrayList<>(List.of(LedgerProgress.NONE)));
    }

    Book snapshot() {
      return new Book(new HashMap<>(counted), new ArrayList<>(tally), new ArrayList<>(progress));
    }

    void read(long offset, SettledCall call) {
      Instant appendedAt = START.plusMillis(offset / 3);
      if (progress.getFirst().covers(offset, appendedAt)) {
        return;
      }
      CountedJob known = counted.getOrDefault(call.jobId(), CountedJob.NOTHING);
      switch (RowDecision.decide(call, known)) {
        case RowDecision.Repeat _ -> {}
        case RowDecision.Count(List<CostLine> lines, CountedJob after) -> add(call, lines, after);
        case RowDecision.RefuseSecondCharge(CostLine.Attempt line, CountedJob after) ->
            add(call, List.of(line), after);
      }
      progress.set(0, progress.getFirst().after(offset, appendedAt));
    }

    private void add(SettledCall call, List<CostLine> lines, CountedJob after) {
      counted.put(call.jobId(), after);
      for (CostLine line : lines) {
        tally.set(0, tally.getFirst().plus(line));
      }
    }

    UsageTally total() {
      return tally.getFirst();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void totalsAreThoseOfEachCallOnceHoweverRepeatedAndReordered(long seed) {
    var random = new Random(seed);
    List<SettledCall> calls = calls(random);

    Book book = Book.empty();
    readAll(book, ledger(calls, random), 0);

    assertEquals(expected(calls), book.total());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void anyCommittedPrefixAndAnyReReadSuffixGiveTheSameTotals(long seed) {
    var random = new Random(seed);
    List<SettledCall> calls = calls(random);
    List<SettledCall> ledger = ledger(calls, random);

    for (int round = 0; round < 20; round++) {
      int commit = random.nextInt(ledger.size() + 1);
      Book committed = Book.empty();
      readAll(committed, ledger.subList(0, commit), 0);
      Book aborted = committed.snapshot();
      readAll(aborted, ledger.subList(commit, random.nextInt(commit, ledger.size() + 1)), commit);
      // After the crash: the committed state, and offsets that may be older, or lost altogether.
      int from = random.nextInt(commit + 1);
      readAll(committed, ledger.subList(from, ledger.size()), from);

      assertEquals(expected(calls), committed.total(), "commit " + commit + " from " + from);
    }
  }

  private static void readAll(Book book, List<SettledCall> ledger, int firstOffset) {
    for (int i = 0; i < ledger.size(); i++) {
      book.read(firstOffset + i, ledger.get(i));
    }
  }

  /// Each call one to three times, in any order.
  private static List<SettledCall> ledger(List<SettledCall> calls, Random random) {
    List<SettledCall> ledger = new ArrayList<>();
    for (SettledCall call : calls) {
      ledger.addAll(Collections.nCopies(1 + random.nextInt(3), call));
    }
    Collections.shuffle(ledger, random);
    return ledger;
  }

  /// Jobs of one to four calls of which at most one delivered, each with its own amounts.
  private static List<SettledCall> calls(Random random) {
    List<SettledCall> calls = new ArrayList<>();
    for (int job = 0; job < 200; job++) {
      int attempts = 1 + random.nextInt(4);
      int delivering = random.nextInt(attempts + 1);
      for (int attempt = 0; attempt < attempts; attempt++) {
        calls.add(
            new SettledCall(
                "j" + job + "/" + attempt + "/c",
                "j" + job,
                true,
                attempt == delivering,
                amount(random),
                amount(random),
                Map.of("input", random.nextLong(1000), "output", random.nextLong(1000)),
                random.nextLong(1_000_000_000L)));
      }
    }
    return calls;
  }

  private static Amount amount(Random random) {
    return random.nextInt(5) == 0
        ? Amount.UNPRICED
        : new Amount.Usd(BigDecimal.valueOf(random.nextLong(1_000_000_000_000L), 12));
  }

  /// The same sums, by another way: plain loops over the distinct calls.
  private static UsageTally expected(List<SettledCall> calls) {
    Map<String, Long> tokens = new HashMap<>();
    BigDecimal owed = BigDecimal.ZERO;
    BigDecimal charged = BigDecimal.ZERO;
    long jobs = 0;
    long unpriced = 0;
    long gpuMicros = 0;
    for (SettledCall call : calls) {
      gpuMicros += call.gpuMicros();
      if (call.owed() instanceof Amount.Usd(BigDecimal usd)) {
        owed = owed.add(usd);
      } else {
        unpriced++;
      }
      if (!call.delivered()) {
        continue;
      }
      jobs++;
      call.tokens().forEach((kind, count) -> tokens.merge(kind, count, Long::sum));
      if (call.charged() instanceof Amount.Usd(BigDecimal usd)) {
        charged = charged.add(usd);
      } else {
        unpriced++;
      }
    }
    return new UsageTally(tokens, charged, owed, jobs, calls.size(), unpriced, gpuMicros);
  }
}
