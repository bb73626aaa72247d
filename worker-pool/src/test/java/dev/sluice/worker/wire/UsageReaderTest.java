package dev.sluice.worker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.TokenUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageReaderTest {

  @Test
  void readsDetailsIntoDisjointKinds() {
    TokenUsage usage =
        UsageReader.read(
                json(
                    "{'prompt_tokens':100,'completion_tokens':50,'total_tokens':150,"
                        + "'prompt_tokens_details':{'cached_tokens':40,'audio_tokens':null},"
                        + "'completion_tokens_details':{'reasoning_tokens':20}}"))
            .orElseThrow();

    assertEquals(60, usage.count(TokenKind.INPUT));
    assertEquals(40, usage.count(TokenKind.CACHED_INPUT));
    assertEquals(30, usage.count(TokenKind.OUTPUT));
    assertEquals(20, usage.count(TokenKind.REASONING));
    assertEquals(150, usage.total());
  }

  @Test
  void readsEmbeddingsThatHaveNoCompletion() {
    TokenUsage usage = UsageReader.read(json("{'prompt_tokens':8,'total_tokens':8}")).orElseThrow();

    assertEquals(8, usage.total());
  }

  @Test
  void readsBothLifetimesOfWhatAnthropicWroteToItsCache() {
    TokenUsage usage =
        UsageReader.ofMessages(
                json(
                    "{'input_tokens':100,'cache_read_input_tokens':400,"
                        + "'cache_creation_input_tokens':250,'cache_creation':"
                        + "{'ephemeral_5m_input_tokens':200,'ephemeral_1h_input_tokens':50},"
                        + "'output_tokens':30,'output_tokens_details':{'thinking_tokens':12}}"))
            .orElseThrow();

    assertEquals(100, usage.count(TokenKind.INPUT));
    assertEquals(400, usage.count(TokenKind.CACHED_INPUT));
    assertEquals(200, usage.count(TokenKind.CACHE_WRITE_5M));
    assertEquals(50, usage.count(TokenKind.CACHE_WRITE_1H));
    assertEquals(18, usage.count(TokenKind.OUTPUT));
    assertEquals(12, usage.count(TokenKind.REASONING));
    assertEquals(780, usage.total());
  }

  @Test
  void readsTheLifetimesOfWhatAResponseWroteToACache() {
    TokenUsage usage =
        UsageReader.ofResponses(
                json(
                    "{'input_tokens':100,'output_tokens':5,'total_tokens':105,"
                        + "'input_tokens_details':{'cached_tokens':40,'cache_write_tokens':30,"
                        + "'cache_write_tokens_details':"
                        + "{'ttl_30m_tokens':20,'ttl_12h_tokens':10}}}"))
            .orElseThrow();

    assertEquals(30, usage.count(TokenKind.INPUT));
    assertEquals(20, usage.count(TokenKind.CACHE_WRITE_5M));
    assertEquals(10, usage.count(TokenKind.CACHE_WRITE_1H));
    assertEquals(105, usage.total());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'input_tokens':-1,'output_tokens':1}",
        "{'input_tokens':1,'output_tokens':1,'output_tokens_details':{'thinking_tokens':2}}",
        "{'input_tokens':1,'output_tokens':1,'cache_creation':{'ephemeral_1h_input_tokens':2}}",
      })
  void trustsNoMessageThatContradictsItself(String usage) {
    assertTrue(UsageReader.ofMessages(json(usage)).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "{}",
        "[]",
        "{'prompt_tokens':'7'}",
        "{'prompt_tokens':-1,'completion_tokens':1}",
        "{'prompt_tokens':1.5,'completion_tokens':1}",
        "{'prompt_tokens':1,'completion_tokens':99999999999999999999999}",
        "{'prompt_tokens':10,'completion_tokens':1,'total_tokens':5}",
        "{'prompt_tokens':10,'completion_tokens':1,'prompt_tokens_details':{'cached_tokens':11}}",
      })
  void trustsNothingThatIsMissingOrContradictsItself(String usage) {
    assertTrue(UsageReader.read(json(usage)).isEmpty());
  }

  private static tools.jackson.databind.JsonNode json(String text) {
    return JsonText.MAPPER.readTree(text.replace('\'', '"'));
  }
}
