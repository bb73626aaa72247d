package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalarReaderTest {
  private static final Shape.Span SPAN = new Shape.Span(Duration.ofSeconds(1), Duration.ofHours(1));

  @Test
  void readsEachShape() {
    assertGood(5L, new Shape.Whole(0, 9), "5");
    assertGood(true, new Shape.Flag(), "true");
    assertGood(new BigDecimal("0.075"), new Shape.Usd(), "0.075");
    assertGood(new BigDecimal("0"), new Shape.Usd(), "0");
    assertGood(Duration.ofSeconds(90), SPAN, "PT1M30S");
    assertGood(URI.create("http://h:1/v1"), new Shape.Url(), "http://h:1/v1/");
    assertGood("${env:A}", new Shape.Reference(), "${env:A}");
    assertGood(Instant.parse("2026-01-31T00:00:00Z"), new Shape.Moment(), "2026-01-31");
    assertGood(Instant.parse("2026-01-31T12:00:00Z"), new Shape.Moment(), "2026-01-31T12:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/8", "127.0.0.1/32", "0.0.0.0/0", "fd00::/8", "::1/128"})
  void readsNetworks(String text) {
    assertGood(text, new Shape.Network(), text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0", "10.0.0.0/33", "localhost/8", "fd00::/129", "10.0.0/8", "/8", "a/b/c"})
  void refusesWhatIsNoNetwork(String text) {
    assertBad(
        "expected a network such as 10.0.0.0/8 or fd00::/8, found \"" + text + "\"",
        new Shape.Network(),
        text);
  }

  @ParameterizedTest
  @CsvSource({
    "30s, PT30S",
    "30 sec, PT30S",
    "1.5s, PT1.5S",
    "10m, PT10M",
    "2 hours, PT2H",
    "7d, P7D",
    "500ms, PT0.5S",
    "30, PT30S for seconds"
  })
  void suggestsTheDurationThatWasMeant(String text, String likely) {
    assertBad(
        "expected an ISO-8601 duration; write " + likely + ", found \"" + text + "\"", SPAN, text);
  }

  @Test
  void refusesADurationOutOfRange() {
    assertBad("expected a duration from PT1S to PT1H, found PT2H", SPAN, "PT2H");
    assertBad("expected a duration from PT1S to PT1H, found -PT1S", SPAN, "-PT1S");
    assertBad(
        "expected an ISO-8601 duration such as PT30S, PT10M or P1D, found \"soon\"", SPAN, "soon");
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 'an amount of money cannot be negative, found -1'",
    "1e-7, 'expected USD with at most 6 decimal places, found \"1e-7\"'",
    "cheap, 'expected a number of USD, such as 0.15, found \"cheap\"'"
  })
  void refusesAmountsThatAreNotExact(String text, String complaint) {
    assertBad(complaint, new Shape.Usd(), text);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 'expected a whole number from 0 to 9, found -1'",
    "10, 'expected a whole number from 0 to 9, found 10'",
    "1.5, 'expected a whole number from 0 to 9, found \"1.5\"'",
    "99999999999999999999, 'expected a whole number from 0 to 9, found \"99999999999999999999\"'"
  })
  void refusesNumbersOutOfRange(String text, String complaint) {
    assertBad(complaint, new Shape.Whole(0, 9), text);
  }

  @Test
  void showsNoPasswordOfAUrl() {
    String complaint = "a URL must not hold a user or password; remove the part before \"@\"";
    assertBad(complaint, new Shape.Url(), "https://user:hunter2@host/v1");
    assertBad(
        "expected an http or https URL such as https://host/v1, found \"(not shown)\"",
        new Shape.Url(),
        "ftp://user:hunter2@host/");
  }

  @Test
  void showsNoSecretThatStandsInTheFile() {
    assertBad(
        "a secret must not stand in the file; put it into an environment variable and write"
            + " \"${env:NAME}\", or into a file and write \"${file:/path}\"",
        new Shape.Reference(),
        "sk-live-hunter2");
    assertBad(
        "not a reference to a secret; write \"${env:NAME}\" or \"${file:/path}\", nothing before"
            + " or after it",
        new Shape.Reference(),
        "Bearer ${env:A}");
    assertBad(
        "${sluice:…} is for `sluice up` without a file; write ${env:NAME} or ${file:path}",
        new Shape.Reference(),
        "${sluice:demo-key}");
  }

  @Test
  void suggestsTheChoiceThatWasMeant() {
    var choice = new Shape.Choice(List.of("submit", "read"), Map.of("write", "no such thing yet"));

    assertBad("unknown value \"sumbit\"; did you mean \"submit\"?", choice, "sumbit");
    assertBad("unknown value \"own\"; values here: submit, read", choice, "own");
    assertBad("no such thing yet", choice, "write");
  }

  @Test
  void showsALongOrOddValueShortAndOnOneLine() {
    assertEquals("\"a?b\"", ScalarReader.quoted("a\nb"));
    assertEquals("\"" + "x".repeat(48) + "…\"", ScalarReader.quoted("x".repeat(500)));
  }

  private static void assertGood(Object expected, Shape.Scalar shape, String text) {
    assertEquals(new ScalarReader.Read.Good(expected), ScalarReader.read(shape, text));
  }

  private static void assertBad(String complaint, Shape.Scalar shape, String text) {
    assertEquals(new ScalarReader.Read.Bad(complaint), ScalarReader.read(shape, text));
  }
}
