package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryBudgetsTest {
  private final RetryBudgets budgets = new RetryBudgets();
  private Instant now = Jobs.NOW;

  @Test
  void aFewRetriesAreAlwaysFree() {
    for (int retry = 0; retry < 10; retry++) {
      assertEquals(Duration.ZERO, retry());
    }
    assertTrue(retry().isPositive());
  }

  @Test
  void whatWaitsIsSpreadOneASecond() {
    for (int retry = 0; retry < 10; retry++) {
      retry();
    }
    assertEquals(Duration.ofSeconds(1), retry());
    assertEquals(Duration.ofSeconds(2), retry());
    assertEquals(Duration.ofSeconds(3), retry());
  }

  @Test
  void firstAttemptsEarnRetries() {
    for (int job = 0; job < 500; job++) {
      budgets.first("acme", "p", now);
    }
    int free = 0;
    while (retry().isZero()) {
      free++;
    }

    assertTrue(free >= 100 && free <= 115, free + " free retries");
  }

  @Test
  void tenantsAndPoolsHaveBudgetsOfTheirOwn() {
    for (int retry = 0; retry < 20; retry++) {
      retry();
    }

    assertEquals(Duration.ZERO, budgets.wait("acme", "q", now));
    assertEquals(Duration.ZERO, budgets.wait("other", "p", now));
  }

  @Test
  void noRetryWaitsLongerThanHalfAMinute() {
    for (int retry = 0; retry < 1_000; retry++) {
      retry();
    }

    assertEquals(Duration.ofSeconds(30), budgets.wait("acme", "p", now));
  }

  @Test
  void budgetsThatNobodyUsesAreForgotten() {
    for (int tenant = 0; tenant < 10_000; tenant++) {
      now = now.plusMillis(100);
      budgets.first("t" + tenant, "p", now);
    }

    assertTrue(budgets.size() < 1_000, budgets.size() + " budgets kept");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void retriesThatKeepToItStayWithinAFifthOfTheFirstAttemptsAndTheFloor(long seed) {
    Random random = new Random(seed);
    int firsts = 0;
    int retries = 0;
    Instant start = now;
    for (int step = 0; step < 20_000; step++) {
      now = now.plusMillis(random.nextInt(30));
      if (random.nextInt(3) == 0) {
        firsts++;
        budgets.first("acme", "p", now);
      } else if (budgets.wait("acme", "p", now).isZero()) {
        retries++;
        budgets.retry("acme", "p", now);
      }
    }
    double seconds = Duration.between(start, now).toMillis() / 1e3;
    double most = 10 + seconds * RetryBudgets.FLOOR + RetryBudgets.SHARE * firsts;

    assertTrue(retries <= most + 1, retries + " of " + most);
    assertTrue(retries >= 0.9 * most, retries + " of " + most);
  }

  private Duration retry() {
    Duration wait = budgets.wait("acme", "p", now);
    budgets.retry("acme", "p", now);
    return wait;
  }
}
