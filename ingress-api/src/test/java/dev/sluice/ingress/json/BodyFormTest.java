package dev.sluice.ingress.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyFormTest {

  @ParameterizedTest
  @ValueSource(strings = {"\"a\"", "[\"a\",\"b\"]", "[1,2]", "[[1,2],[3]]"})
  void takesEveryFormOfAPromptThatTextModelsKnow(String prompt) {
    assertEquals("m", read(Endpoints.EMBEDDINGS, "\"model\":\"m\",\"input\":" + prompt).model());
    assertEquals("m", read(Endpoints.COMPLETIONS, "\"model\":\"m\",\"prompt\":" + prompt).model());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | input",
        "[] | input",
        "[[]] | input[0]",
        "[{}] | input[0]",
        "[1.5] | input[0]",
        "['a', 'b', true] | input[2]",
        "[[1], ['a']] | input[1][0]",
        "7 | input"
      })
  void refusesAnyOther(String prompt, String param) {
    String body = "\"model\":\"m\",\"input\":" + prompt.replace('\'', '"');
    assertEquals(param, refused(Endpoints.EMBEDDINGS, body));
  }

  @Test
  void knowsTheModelOfAModerationThatNamesNone() {
    Submitted asked =
        BodyForm.read(Endpoints.MODERATIONS, utf8(" {\"input\":[{\"type\":\"text\"}]}"));

    assertEquals("omni-moderation-latest", asked.model());
    assertEquals(
        "{\"model\":\"omni-moderation-latest\",\"input\":[{\"type\":\"text\"}]}",
        new String(asked.body(), StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/embeddings | 'model':'m','input':'a','stream':true | stream",
        "/v1/moderations | 'model':'m','input':'a','stream':true | stream",
        "/v1/moderations | 'model':'m' | input",
        "/v1/embeddings | 'input':'a' | model",
        "/v1/responses | 'model':'m' | input",
        "/v1/responses | 'model':'m','input':7 | input",
        "/v1/responses | 'model':'m','input':'a','background':1 | background",
        "/v1/responses | 'model':'m','input':'a','store':'no' | store",
        "/v1/responses | 'model':'m','input':'a','background':true,'store':false | background",
        "/v1/responses | 'model':'m','input':'a','conversation':'conv_1' | conversation",
        "/v1/responses | 'model':'m','input':'a','previous_response_id':7 | previous_response_id",
        "/v1/responses | 'model':'m','input':'a','max_output_tokens':0 | max_output_tokens",
        "/v1/messages | 'model':'m','messages':[{}] | max_tokens",
        "/v1/messages | 'model':'m','messages':[{}],'max_tokens':1000000000001 | max_tokens",
        "/v1/messages | 'model':'m','messages':[{}],'max_tokens':9999999999999999999 | max_tokens",
        "/v1/messages | 'model':'m','max_tokens':9 | messages",
        "/v1/messages | 'model':'m','max_tokens':9,'messages':'a' | messages",
        "/v1/messages | 'model':'m','max_tokens':9,'messages':[{}],'metadata':[] | metadata",
        "/v1/messages/count_tokens | 'model':'m','messages':[{}],'stream':true | stream"
      })
  void namesWhatIsWrong(String endpoint, String members, String param) {
    assertEquals(param, refused(endpoint, members.replace('\'', '"')));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/responses | 'model':'m','previous_response_id':'resp_1'",
        "/v1/responses | 'model':'m','prompt':{'id':'pmpt_1'}",
        "/v1/responses | 'model':'m','input':'a','conversation':null,'background':null",
        "/v1/chat/completions | 'model':'m','messages':[{}],'store':7,'background':7,'input':7",
        "/v1/messages/count_tokens | 'model':'m','messages':[{}]"
      })
  void asksForNothingThatTheEndpointDoesNot(String endpoint, String members) {
    assertEquals("m", read(endpoint, members.replace('\'', '"')).model());
  }

  @Test
  void makesATagOfAnthropicsUserOnly() {
    String asked = "\"model\":\"m\",\"max_tokens\":9,\"messages\":[{}],\"metadata\":";

    assertEquals(
        Map.of("user_id", "u"),
        read(Endpoints.MESSAGES, asked + "{\"user_id\":\"u\",\"more\":[1]}").tags());
    assertEquals(Map.of(), read(Endpoints.MESSAGES, asked + "{\"user_id\":null}").tags());
  }

  private static Submitted read(String endpoint, String members) {
    return BodyForm.read(endpoint, utf8("{" + members + "}"));
  }

  private static String refused(String endpoint, String members) {
    return assertThrows(RefusedException.class, () -> read(endpoint, members)).refusal().param();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
