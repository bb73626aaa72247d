package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.worker.core.ClaimRule.Decision;
import dev.sluice.worker.core.ClaimRule.Facts;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimRuleTest {

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of("first delivery, young", facts(1, false, 3, 100), Decision.CALL_AT_ONCE),
        Arguments.of("just young enough", facts(1, false, 499, 0), Decision.CALL_AT_ONCE),
        Arguments.of("too old", facts(1, false, 500, 0), Decision.AWAIT_OLD),
        Arguments.of("broker clock stepped back", facts(1, false, -50, 0), Decision.CALL_AT_ONCE),
        Arguments.of("delivered twice", facts(2, false, 3, 0), Decision.AWAIT_REDELIVERED),
        Arguments.of("marked as a repeat", facts(1, true, 3, 0), Decision.AWAIT_REPEAT),
        Arguments.of("worker out of touch", facts(1, false, 3, 3_000), Decision.AWAIT_STALE_BEAT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void callsAtOnceOnlyWhatCannotRunElsewhere(String name, Facts facts, Decision expected) {
    assertEquals(expected, ClaimRule.decide(facts), name);
  }

  private static Facts facts(int deliveries, boolean repeat, long ageMillis, long beatMillis) {
    return new Facts(
        deliveries, repeat, Duration.ofMillis(ageMillis), Duration.ofMillis(beatMillis));
  }
}
