package dev.sluice.contract.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LimitNamesTest {
  private static final Limit ALL = limit(new Part.Whole(), 100);
  private static final Limit EACH_USER = limit(new Part.Tag("user", Optional.empty()), 5);
  private static final Limit BOB = limit(new Part.Tag("user", Optional.of("bob")), 9);
  private static final LimitNames NAMES = new LimitNames(List.of(ALL, EACH_USER, BOB));

  @Test
  void findsTheLimitOfAName() {
    assertEquals(Optional.of(ALL), NAMES.of("requests/PT1M"));
    assertEquals(Optional.of(EACH_USER), NAMES.of("tag:user=eve|requests/PT1M"));
    assertEquals(Optional.of(EACH_USER), NAMES.of("tag:user=a|b=c|requests/PT1M"));
    assertEquals(Optional.empty(), NAMES.of("tag:user=eve|requests/PT1H"));
    assertEquals(Optional.empty(), NAMES.of("tag:team=eve|requests/PT1M"));
  }

  @Test
  void aValueWithALimitOfItsOwnHasThat() {
    assertEquals(Optional.of(BOB), NAMES.of("tag:user=bob|requests/PT1M"));
  }

  @Test
  void ofTwoWithOneNameTheSmallerHolds() {
    Limit less = limit(new Part.Whole(), 60);
    Limit fewer = limit(new Part.Tag("user", Optional.empty()), 3);
    LimitNames names = new LimitNames(List.of(ALL, EACH_USER, less, fewer));

    assertEquals(List.of(less, fewer), names.distinct());
    assertEquals(Optional.of(less), names.of("requests/PT1M"));
    assertEquals(Optional.of(fewer), names.of("tag:user=eve|requests/PT1M"));
  }

  private static Limit limit(Part part, long amount) {
    return new Limit(
        part,
        Unit.REQUESTS,
        new Window.Rolling(Duration.ofMinutes(1)),
        amount,
        OnExceeded.HOLD,
        Optional.empty());
  }
}
