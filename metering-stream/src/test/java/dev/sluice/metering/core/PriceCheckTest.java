package dev.sluice.metering.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Price;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.contract.price.Rating.Priced;
import dev.sluice.contract.price.Rating.Unpriced;
import dev.sluice.metering.core.PriceCheck.PricedCall;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PriceCheckTest {
  private static final Instant DAY = Instant.parse("2026-11-21T00:00:00Z");
  private static final long BOOK_VERSION = 3;
  private static final PriceBook BOOK =
      PriceBook.of(
          new Policy(
              BOOK_VERSION,
              Map.of(),
              Map.of(),
              Map.of(),
              List.of(
                  new Price("v1", "p", "m", DAY, Map.of(TokenKind.INPUT, BigDecimal.ONE)),
                  new Price(
                      "v2",
                      "p",
                      "m",
                      DAY.plusSeconds(60),
                      Map.of(TokenKind.INPUT, BigDecimal.TWO)))));

  @Test
  void agreesWithThePriceOfTheStampedVersionEvenWhenALaterOneIsInForce() {
    assertEquals(new PriceCheck.Agrees(), check(priced("0.000007", "v1"), DAY.plusSeconds(90)));
  }

  @Test
  void differsWhenTheAmountIsNotThatOfTheVersion() {
    assertEquals(
        new PriceCheck.Differs(
            priced("0.000008", "v1"), new Priced(new BigDecimal("0.000007000000"), "v1")),
        check(priced("0.000008", "v1"), DAY));
  }

  @Test
  void cannotVerifyAVersionItDoesNotHold() {
    assertEquals(new PriceCheck.Unverifiable(), check(priced("0.000007", "v9"), DAY));
  }

  @Test
  void gpuTimeIsComputedAgainFromTheRecordAlone() {
    BigDecimal hourly = new BigDecimal("2.500000000000");

    assertEquals(
        new PriceCheck.Agrees(),
        PriceCheck.ofTime(new BigDecimal("0.001250000000"), 1_800_000, hourly));
    assertEquals(
        new PriceCheck.Differs(
            priced("0.001250000001", "gpu:2.5"), priced("0.001250000000", "gpu:2.5")),
        PriceCheck.ofTime(new BigDecimal("0.001250000001"), 1_800_000, hourly));
  }

  @Test
  void agreesThatThereIsNoPrice() {
    assertEquals(
        new PriceCheck.Agrees(), check(new Unpriced("none"), DAY.minusSeconds(1), BOOK_VERSION));
  }

  @Test
  void differsWhenAPriceOfTheSamePolicyWasNotUsed() {
    assertEquals(
        new PriceCheck.Differs(
            new Unpriced("none"), new Priced(new BigDecimal("0.000007000000"), "v1")),
        check(new Unpriced("none"), DAY, BOOK_VERSION));
  }

  @Test
  void cannotVerifyAMissingPriceOfAnotherPolicy() {
    assertEquals(new PriceCheck.Unverifiable(), check(new Unpriced("none"), DAY, BOOK_VERSION - 1));
  }

  private static PriceCheck check(Rating stamped, Instant at) {
    return check(stamped, at, BOOK_VERSION);
  }

  private static PriceCheck check(Rating stamped, Instant at, long policyVersion) {
    return PriceCheck.of(
        BOOK,
        BOOK_VERSION,
        new PricedCall(stamped, "p", "m", at, Map.of("input", 7L), policyVersion));
  }

  private static Rating priced(String usd, String version) {
    return new Priced(new BigDecimal(usd), version);
  }
}
