package dev.sluice.ingress.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuotaSumTest {
  private static final Instant NOW = Instant.parse("2026-11-29T05:00:00Z");

  @Test
  void addsUpWhatTheWritersTell() {
    QuotaState one = state(NOW, reading("a", 10, 2, 13, NOW.plusSeconds(5)));
    QuotaState two =
        state(
            NOW.plusMillis(7),
            reading("a", 20, 0, 5, NOW.plusSeconds(9)),
            reading("b", 1, 0, 3, null));

    QuotaState sum = QuotaSum.of(List.of(one, two), NOW).orElseThrow();

    assertEquals(NOW.plusMillis(7), sum.getAt());
    assertEquals(
        List.of(reading("a", 30, 2, 18, NOW.plusSeconds(9)), reading("b", 1, 0, 3, null)),
        sum.getLimits());
  }

  @Test
  void forgetsWhatAWriterWithoutJobsToldBeforeItsPeriodEnded() {
    QuotaState idle = state(NOW.minusSeconds(60), reading("a", 10, 0, 15, NOW));
    QuotaState busy = state(NOW, reading("a", 3, 1, 21, NOW.plusSeconds(86_400)));

    QuotaState sum = QuotaSum.of(List.of(idle, busy), NOW).orElseThrow();

    assertEquals(List.of(reading("a", 3, 1, 46, NOW.plusSeconds(86_400))), sum.getLimits());
  }

  @Test
  void passesOnWhatOneWriterTells() {
    QuotaState only = state(NOW, reading("a", 10, 0, 15, NOW.plusMillis(1)));

    assertEquals(Optional.of(only), QuotaSum.of(List.of(only), NOW));
    assertEquals(Optional.empty(), QuotaSum.of(List.of(), NOW));
  }

  @Test
  void nothingIsUsedOnceThePeriodOfItsOnlyWriterIsOver() {
    QuotaState only = state(NOW.minusSeconds(9), reading("a", 10, 2, 13, NOW));

    QuotaState now = QuotaSum.of(List.of(only), NOW).orElseThrow();

    assertEquals(List.of(reading("a", 0, 2, 23, null)), now.getLimits());
  }

  private static QuotaReading reading(
      String limit, long used, long reserved, long left, @Nullable Instant resetsAt) {
    return new QuotaReading(limit, used, reserved, left, resetsAt);
  }

  private static QuotaState state(Instant at, QuotaReading... readings) {
    return QuotaState.newBuilder()
        .setTenant("acme")
        .setPolicyVersion(1)
        .setLimits(List.of(readings))
        .setAt(at)
        .build();
  }
}
