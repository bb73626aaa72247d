package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.TokenUsage.OpenAiCounts;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenUsageTest {

  @Test
  void splitsReportedCountsIntoDisjointKinds() {
    TokenUsage usage =
        TokenUsage.ofOpenAi(new OpenAiCounts(100, 30, 0, 0, 10, 50, 20, 5)).orElseThrow();

    assertEquals(
        Map.of(
            TokenKind.INPUT, 60L,
            TokenKind.CACHED_INPUT, 30L,
            TokenKind.AUDIO_INPUT, 10L,
            TokenKind.OUTPUT, 25L,
            TokenKind.REASONING, 20L,
            TokenKind.AUDIO_OUTPUT, 5L),
        usage.tokens());
    assertEquals(150, usage.total());
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 0, 0, 5, 0, 0",
    "10, 11, 0, 5, 0, 0",
    "10, 6, 5, 5, 0, 0",
    "10, 0, 0, 5, 6, 0",
    "10, 0, 0, 9223372036854775807, 0, 0",
    "10, -3, 0, 5, 0, 0",
  })
  void refusesCountsThatContradictEachOther(
      long prompt, long cached, long audio, long completion, long reasoning, long audioOut) {
    assertTrue(
        TokenUsage.ofOpenAi(
                new OpenAiCounts(prompt, cached, 0, 0, audio, completion, reasoning, audioOut))
            .isEmpty());
  }

  @Test
  void neverLosesOrInventsATokenWhateverIsReported() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      OpenAiCounts counts =
          new OpenAiCounts(
              count(random),
              count(random),
              count(random),
              count(random),
              count(random),
              count(random),
              count(random),
              count(random));

      TokenUsage.ofOpenAi(counts)
          .ifPresent(usage -> {
            assertEquals(counts.prompt() + counts.completion(), usage.total());
            assertTrue(usage.tokens().values().stream().allMatch(tokens -> tokens > 0));
          });
    }
  }

  private static long count(Random random) {
    return random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(1_000);
  }
}
