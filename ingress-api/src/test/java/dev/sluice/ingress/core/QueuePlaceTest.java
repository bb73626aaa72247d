package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.ingress.core.QueuePlace.Line;
import dev.sluice.ingress.core.QueuePlace.Mark;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class QueuePlaceTest {
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");

  private static JobId id(long millis) {
    return JobId.create(NOW.minusSeconds(600).plusMillis(millis), 0, 0, millis);
  }

  private static Line line(long waiting, double perSecond, Mark... marks) {
    return new Line(
        "a", waiting, perSecond, List.of(marks), NOW.minusSeconds(1), Optional.empty(), Map.of());
  }

  private static Optional<QueuePlace> place(long millis, Line... lines) {
    return QueuePlace.of(id(millis), List.of(lines), NOW);
  }

  @Test
  void aMarkedJobStandsWhereItsMarkSays() {
    Line line = line(101, 10, new Mark(0, id(0)), new Mark(100, id(1_000)));

    assertEquals(Optional.of(new QueuePlace(0, OptionalLong.of(1))), place(0, line));
    assertEquals(Optional.of(new QueuePlace(100, OptionalLong.of(11))), place(1_000, line));
  }

  @Test
  void aJobBetweenMarksStandsBetweenThem() {
    Line line = line(101, 0, new Mark(0, id(0)), new Mark(100, id(1_000)));

    assertEquals(Optional.of(new QueuePlace(25, OptionalLong.empty())), place(250, line));
  }

  @Test
  void aJobYoungerThanAllMarksStandsAtTheEnd() {
    Line line = line(7, 2, new Mark(0, id(0)), new Mark(6, id(60)));

    assertEquals(Optional.of(new QueuePlace(7, OptionalLong.of(4))), place(90, line));
  }

  @Test
  void tellsTheLongestOfSeveralWaits() {
    Line slow = line(10, 1, new Mark(0, id(0)), new Mark(9, id(90)));
    Line quick = line(10, 100, new Mark(0, id(0)), new Mark(9, id(90)));

    assertEquals(Optional.of(new QueuePlace(9, OptionalLong.of(10))), place(90, quick, slow));
  }

  @Test
  void saysNothingOfAnEmptyLineOrAnOldOne() {
    assertEquals(Optional.empty(), place(5));
    assertEquals(Optional.empty(), place(5, line(0, 1)));
    assertEquals(
        Optional.empty(),
        place(
            5,
            new Line(
                "a",
                3,
                1,
                List.of(new Mark(0, id(0))),
                NOW.minusSeconds(16),
                Optional.empty(),
                Map.of())));
  }

  @Test
  void quotesTheCheapestPromptAndTheDearestAnswer() {
    Policy.Model plan =
        new Policy.Model(
            "fast",
            Optional.empty(),
            List.of(new Policy.Route("a", "m", 1), new Policy.Route("b", "*", 1)),
            List.of());
    PriceBook prices =
        PriceBook.of(
            new Policy(
                1,
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(price("a", "m", "1", "2"), price("b", "fast", "3", "4"))));

    Quote quote =
        Quote.of(new JobFacts.Size(1_000, OptionalLong.of(500)), plan, "fast", prices, NOW);

    assertEquals(0, new BigDecimal("0.001").compareTo(quote.leastUsd().orElseThrow()));
    assertEquals(0, new BigDecimal("0.005").compareTo(quote.mostUsd().orElseThrow()));
  }

  @Test
  void quotesNoMostWithoutALimitOrWithoutAPrice() {
    Policy.Model plan =
        new Policy.Model(
            "fast", Optional.of(100), List.of(new Policy.Route("a", "m", 1)), List.of());
    PriceBook none = PriceBook.of(Policy.EMPTY);
    JobFacts.Size size = new JobFacts.Size(10, OptionalLong.empty());

    Quote quote = Quote.of(size, plan, "fast", none, NOW);

    assertEquals(OptionalLong.of(100), quote.maxOutputTokens());
    assertEquals(Optional.empty(), quote.leastUsd());
    assertEquals(Optional.empty(), quote.mostUsd());
  }

  private static Policy.Price price(String pool, String model, String input, String output) {
    return new Policy.Price(
        "v1",
        pool,
        model,
        Instant.EPOCH,
        Map.of(TokenKind.INPUT, new BigDecimal(input), TokenKind.OUTPUT, new BigDecimal(output)));
  }

  @Test
  void aJobIsHeldWhereEveryLineItMayStandInIs() {
    Hold rate = new Hold("rate", "requests", NOW, "");
    Line held = new Line("a", 3, 0, List.of(), NOW, Optional.of(rate), Map.of());
    Line moving = new Line("b", 3, 1, List.of(), NOW, Optional.empty(), Map.of());
    Line old = new Line("b", 3, 1, List.of(), NOW.minusSeconds(16), Optional.empty(), Map.of());
    Line empty = new Line("b", 0, 1, List.of(), NOW, Optional.empty(), Map.of());

    assertEquals(Optional.of(rate), QueuePlace.heldIn(List.of(held), "", NOW));
    assertEquals(Optional.empty(), QueuePlace.heldIn(List.of(held, moving), "", NOW));
    assertEquals(Optional.of(rate), QueuePlace.heldIn(List.of(held, old, empty), "", NOW));
    assertEquals(Optional.empty(), QueuePlace.heldIn(List.of(), "", NOW));
  }

  @Test
  void aJobIsHeldWhereItsOwnLimitsHoldThoughOthersMove() {
    Hold budget = new Hold("budget", "tag:user=bob|requests/day@UTC", NOW, "");
    Line line =
        new Line("a", 3, 1, List.of(), NOW, Optional.empty(), Map.of("tag:user=bob ", budget));

    assertEquals(Optional.of(budget), QueuePlace.heldIn(List.of(line), "tag:user=bob ", NOW));
    assertEquals(Optional.empty(), QueuePlace.heldIn(List.of(line), "", NOW));
  }
}
