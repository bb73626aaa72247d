package dev.sluice.runtime.condition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {
  /// A Sunday in November, when Berlin is an hour ahead.
  private static final Instant EARLY = Instant.parse("2026-11-29T05:30:00Z");

  private static Condition compiled(String text) {
    return assertInstanceOf(ConditionOutcome.Compiled.class, Condition.compile(text), text)
        .condition();
  }

  private static Condition.Answer ask(String text, Instant now) {
    Map<String, Object> job =
        Map.ofEntries(
            Map.entry("model", "fast"),
            Map.entry("tenant", "acme"),
            Map.entry("endpoint", "/v1/chat/completions"),
            Map.entry("priority", "batch"),
            Map.entry("session", ""),
            Map.entry("stream", true),
            Map.entry("tags", Map.of("tier", "gold")),
            Map.entry("headers", Map.of("anthropic-version", "2023-06-01")),
            Map.entry("input_tokens", 1_000L),
            Map.entry("estimated_tokens", 1_512L),
            Map.entry("now", now));
    return compiled(text).ask(job::get);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tags.tier == 'gold' && estimated_tokens < 4000 && hour('Europe/Berlin') < 8",
        "has(tags.tier) && !has(tags.team)",
        "'tier' in tags && tags['tier'] in ['gold', 'silver']",
        "headers['anthropic-version'] >= '2023'",
        "endpoint.startsWith('/v1/chat') && model.matches('^f[a-z]+$')",
        "stream && session == '' && priority == 'batch' && tenant != 'other'",
        "weekday('UTC') == 0 && hour('UTC') == 5 && hour('Asia/Kolkata') == 11",
        "input_tokens * 2 > 1999 ? true : false",
        "tags.team == 'red' || tags.tier == 'gold'",
      })
  void holds(String text) {
    assertEquals(new Condition.Answer(true, Optional.empty()), ask(text, EARLY));
  }

  @Test
  void goesByTheHourOfTheZone() {
    String night = "hour('Europe/Berlin') >= 22 || hour('Europe/Berlin') < 6";

    assertFalse(ask(night, Instant.parse("2026-11-29T05:00:00Z")).holds());
    assertTrue(ask(night, Instant.parse("2026-11-29T04:59:59Z")).holds());
    assertTrue(ask(night, Instant.parse("2026-11-29T21:00:00Z")).holds());
    // In summer Berlin is two hours ahead.
    assertTrue(ask(night, Instant.parse("2026-07-01T20:00:00Z")).holds());
  }

  @Test
  void knowsWhetherItDependsOnTheTime() {
    assertTrue(compiled("hour('UTC') < 8").timed());
    assertFalse(compiled("stream").timed());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tags.team == 'red'|key 'team' is not present in map.",
        "1 / (input_tokens - 1000) == 1|/ by zero",
        "hour(tags.tier) < 8|Unknown time-zone ID: gold"
      })
  void doesNotHoldWhereItCannotBeEvaluated(String text, String why) {
    assertEquals(new Condition.Answer(false, Optional.of(why)), ask(text, EARLY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tagz.a == 'b'|1|1|undeclared reference to 'tagz'",
        "model|1|1|expected type 'bool' but found 'string'",
        "stream && hour('Mars') < 8|1|16|there is no time zone 'Mars'",
        "tags.exists(t, t == 'x')|1|12|undeclared reference to 'exists'",
      })
  void saysWhereATextIsWrong(String text, int line, int column, String message) {
    assertEquals(
        new ConditionOutcome.Flaw(line, column, message),
        assertInstanceOf(ConditionOutcome.Refused.class, Condition.compile(text))
            .flaws()
            .getFirst());
  }

  @Test
  void countsLines() {
    List<ConditionOutcome.Flaw> flaws =
        assertInstanceOf(
                ConditionOutcome.Refused.class, Condition.compile("stream &&\n  strem &&\n  modl"))
            .flaws();

    assertEquals(List.of(2, 3), flaws.stream().map(ConditionOutcome.Flaw::line).toList());
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 2_500})
  void refusesWhatIsTooDeepOrTooLong(int depth) {
    String text = "(".repeat(depth) + "true" + ")".repeat(depth);

    assertInstanceOf(ConditionOutcome.Refused.class, Condition.compile(text));
  }
}
