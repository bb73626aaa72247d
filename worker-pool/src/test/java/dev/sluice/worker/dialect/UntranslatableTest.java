package dev.sluice.worker.dialect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.wire.JsonText;
import java.time.Instant;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What one dialect says and another cannot: refused with its path, never dropped.
class UntranslatableTest {

  @ParameterizedTest(name = "{0} over {1}: {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MESSAGES | CHAT | {'tools':[{'type':'web_search_20250305','name':'w'}]} | tools[0].type
          MESSAGES | CHAT | {'mcp_servers':[]} | mcp_servers
          MESSAGES | CHAT | {'speed':'fast'} | speed
          MESSAGES | CHAT | {'container':'c'} | container
          MESSAGES | CHAT | {'metadata':{'user_id':'u','x':1}} | metadata.x
          MESSAGES | CHAT | {'thinking':{'type':'deep'}} | thinking.type
          MESSAGES | CHAT | {'messages':[{'role':'user','content':[{'type':'image','source':{'type':'file','file_id':'f'}}]}]} | messages[0].content[0].source.type
          MESSAGES | CHAT | {'messages':[{'role':'user','content':[{'type':'search_result'}]}]} | messages[0].content[0].type
          MESSAGES | CHAT | {'messages':[{'role':'user','content':[{'type':'tool_result','tool_use_id':'t','content':[{'type':'image'}]}]}]} | messages[0].content[0].content[0].type
          MESSAGES | CHAT | {'messages':[{'role':'assistant','content':[{'type':'redacted_thinking','data':'x'}]}]} | messages[0].content[0].type
          MESSAGES | CHAT | {'messages':[{'role':'tool','content':'x'}]} | messages[0].role
          MESSAGES | CHAT | {'messages':[{'role':'user','content':'x','name':'n'}]} | messages[0].name
          MESSAGES | CHAT | {'messages':'x'} | messages
          CHAT | MESSAGES | {'n':2} | n
          CHAT | MESSAGES | {'logprobs':true} | logprobs
          CHAT | MESSAGES | {'seed':7} | seed
          CHAT | MESSAGES | {'temperature':1.5} | temperature
          CHAT | MESSAGES | {'frequency_penalty':0.5} | frequency_penalty
          CHAT | MESSAGES | {'logit_bias':{'1':5}} | logit_bias
          CHAT | MESSAGES | {'functions':[]} | functions
          CHAT | MESSAGES | {'guided_regex':'a'} | guided_regex
          CHAT | MESSAGES | {'response_format':{'type':'json_object'}} | response_format.type
          CHAT | MESSAGES | {'tools':[{'type':'custom','custom':{}}]} | tools[0].type
          CHAT | MESSAGES | {'tool_choice':{'type':'allowed_tools'}} | tool_choice.type
          CHAT | MESSAGES | {'messages':[{'role':'user','content':[{'type':'input_audio'}]}]} | messages[0].content[0].type
          CHAT | MESSAGES | {'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/png,x'}}]}]} | messages[0].content[0].image_url.url
          CHAT | MESSAGES | {'messages':[{'role':'user','content':'a'},{'role':'system','content':'b'}]} | messages[1].role
          CHAT | MESSAGES | {'messages':[{'role':'assistant','content':'a','reasoning_content':'r'}]} | messages[0].reasoning_content
          CHAT | MESSAGES | {'messages':[{'role':'assistant','tool_calls':[{'id':'c','function':{'name':'f','arguments':'{'}}]}]} | messages[0].tool_calls[0].function.arguments
          CHAT | MESSAGES | {'messages':[{'role':'assistant','audio':{'id':'a'}}]} | messages[0].audio
          COMPLETIONS | CHAT | {'prompt':['a','b']} | prompt
          COMPLETIONS | CHAT | {'prompt':[1,2]} | prompt
          COMPLETIONS | CHAT | {'prompt':'a','suffix':'b'} | suffix
          COMPLETIONS | CHAT | {'prompt':'a','logprobs':1} | logprobs
          COMPLETIONS | CHAT | {'prompt':'a','n':2} | n
          RESPONSES | CHAT | {'tools':[{'type':'web_search'}]} | tools[0].type
          RESPONSES | CHAT | {'conversation':'conv_1'} | conversation
          RESPONSES | CHAT | {'truncation':'auto'} | truncation
          RESPONSES | CHAT | {'include':['file_search_call.results']} | include[0]
          RESPONSES | CHAT | {'input':[{'type':'item_reference','id':'x'}]} | input[0].type
          RESPONSES | CHAT | {'input':[{'role':'user','content':[{'type':'input_image','file_id':'f'}]}]} | input[0].content[0].image_url
          RESPONSES | CHAT | {'input':[{'type':'reasoning','summary':[],'encrypted_content':'redacted_thinking:x'}]} | input[0].encrypted_content
          RESPONSES | MESSAGES | {'input':'x','text':{'format':{'type':'json_object'}}} | response_format.type
          """)
  void isRefusedWithItsPath(Endpoint caller, Endpoint provider, String body, String path) {
    Pair pair = Pair.of(caller, provider).orElseThrow();

    UntranslatableException refused =
        assertThrows(UntranslatableException.class, () -> pair.request(call(body)));

    assertEquals(path, String.valueOf(refused.getMessage()).split(": ")[0]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MESSAGES | CHAT | {'messages':[],'speed':'standard','container':null,'service_tier':'auto'}
          CHAT | MESSAGES | {'messages':[],'n':1,'seed':null,'logit_bias':{},'store':true}
          COMPLETIONS | CHAT | {'prompt':'a','echo':false,'best_of':1,'logprobs':null}
          RESPONSES | CHAT | {'input':'a','truncation':'disabled','include':[],'conversation':null}
          """)
  void saysNothingWhereTheFieldSaysNothing(Endpoint caller, Endpoint provider, String body) {
    assertTrue(Pair.of(caller, provider).orElseThrow().request(call(body)).isObject());
  }

  @Test
  void argumentsThatAreNoJsonAreABadAnswer() {
    Pair pair = Pair.of(Endpoint.MESSAGES, Endpoint.CHAT).orElseThrow();
    AnswerWriting writing = pair.writing(call("{}"), AnswerWriting.Events.NONE);

    pair.reading(writing::part)
        .whole(
            json(
                "{'choices':[{'message':{'tool_calls':[{'id':'c','function':"
                    + "{'name':'f','arguments':'{'}}]},'finish_reason':'tool_calls'}]}"));

    assertThrows(
        UnexpectedAnswerException.class, () -> writing.end(TokenUsage.NONE, Instant.EPOCH));
  }

  @Test
  void argumentsOfTwoCallsThatAreMixedAreABadAnswer() {
    Pair pair = Pair.of(Endpoint.MESSAGES, Endpoint.CHAT).orElseThrow();
    AnswerReading reading = pair.reading(pair.writing(call("{}"), AnswerWriting.Events.NONE)::part);
    reading.event(calls("{'index':0,'id':'a','function':{'name':'f'}}"));
    reading.event(calls("{'index':1,'id':'b','function':{'name':'f'}}"));

    assertThrows(
        UnexpectedAnswerException.class,
        () -> reading.event(calls("{'index':0,'function':{'arguments':'{}'}}")));
  }

  private static JsonNode calls(String call) {
    return json("{'choices':[{'index':0,'delta':{'tool_calls':[" + call + "]}}]}");
  }

  private static Call call(String body) {
    return new Call(
        "job_01k3x0v7s0h0g8r4f2m6n9p5qa",
        json(body),
        Instant.EPOCH,
        OptionalInt.empty(),
        "max_tokens");
  }

  private static JsonNode json(String text) {
    return JsonText.MAPPER.readTree(text.replace('\'', '"'));
  }
}
