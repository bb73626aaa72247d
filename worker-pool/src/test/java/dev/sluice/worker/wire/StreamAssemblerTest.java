package dev.sluice.worker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class StreamAssemblerTest {
  private final StreamAssembler assembler = new StreamAssembler();

  @Test
  void joinsTextsAndKeepsUnknownMembers() {
    add(
        "{'id':'c1','object':'chat.completion.chunk','created':1,'vendor':{'x':1},'choices':"
            + "[{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null}]}");
    add("{'id':'c1','choices':[{'index':0,'delta':{'content':'Hel','reasoning_content':'hm'}}]}");
    assertFalse(assembler.finished());
    add(
        "{'id':'c1','choices':[{'index':0,'delta':{'content':'lo','reasoning_content':'m'},"
            + "'finish_reason':'stop','extra':true}]}");
    add("{'id':'c1','choices':[],'usage':{'prompt_tokens':3}}");

    assertTrue(assembler.finished());
    assertBody(
        "{'id':'c1','object':'chat.completion','created':1,'vendor':{'x':1},"
            + "'usage':{'prompt_tokens':3},'choices':[{'index':0,'message':{'role':'assistant',"
            + "'content':'Hello','reasoning_content':'hmm'},'finish_reason':'stop','extra':true}]}");
  }

  @Test
  void mergesToolCallsByTheirIndex() {
    add(
        delta(
            "{'tool_calls':[{'index':0,'id':'a','type':'function','function':"
                + "{'name':'f','arguments':''}}]}"));
    add(delta("{'tool_calls':[{'index':0,'function':{'arguments':'{\\\"x\\\"'}}]}"));
    add(
        delta(
            "{'tool_calls':[{'index':1,'id':'b','type':'function','function':"
                + "{'name':'g','arguments':'{}'}}]}"));
    add(delta("{'tool_calls':[{'index':0,'function':{'arguments':':1}'}}]}"));

    assertBody(
        "{'choices':[{'index':0,'message':{'tool_calls':["
            + "{'index':0,'id':'a','type':'function','function':{'name':'f','arguments':'{\\\"x\\\":1}'}},"
            + "{'index':1,'id':'b','type':'function','function':{'name':'g','arguments':'{}'}}]}}]}");
  }

  @Test
  void appendsLogProbabilitiesAndRefusals() {
    add(
        "{'choices':[{'index':0,'delta':{'refusal':'I '},'logprobs':{'content':[{'token':'a'}]}}]}");
    add(
        "{'choices':[{'index':0,'delta':{'refusal':'will not'},'logprobs':{'content':[{'token':'b'}]}}]}");

    assertBody(
        "{'choices':[{'index':0,'message':{'refusal':'I will not'},"
            + "'logprobs':{'content':[{'token':'a'},{'token':'b'}]}}]}");
  }

  @Test
  void keepsSeveralChoicesApart() {
    add("{'choices':[{'index':1,'delta':{'content':'b'},'finish_reason':'stop'}]}");
    add("{'choices':[{'index':0,'delta':{'content':'a'}}]}");
    assertFalse(assembler.finished());
    add("{'choices':[{'index':0,'delta':{},'finish_reason':'length'}]}");

    assertTrue(assembler.finished());
    assertBody(
        "{'choices':[{'index':0,'message':{'content':'a'},'finish_reason':'length'},"
            + "{'index':1,'message':{'content':'b'},'finish_reason':'stop'}]}");
  }

  @Test
  void joinsTheTextsOfPlainCompletions() {
    add("{'object':'text_completion','choices':[{'index':0,'text':'a ','finish_reason':null}]}");
    add("{'object':'text_completion','choices':[{'index':0,'text':'b','finish_reason':'stop'}]}");

    assertBody(
        "{'object':'text_completion','choices':[{'index':0,'text':'a b','finish_reason':'stop'}]}");
  }

  @Test
  void estimatesOneTokenAChunkUnlessChunksAreLong() {
    for (int i = 0; i < 10; i++) {
      add(delta("{'content':'word '}"));
    }
    assertEquals(10, assembler.estimatedTokens());

    StreamAssembler coarse = new StreamAssembler();
    coarse.add(json(delta("{'content':'" + "x".repeat(400) + "'}")));
    assertEquals(100, coarse.estimatedTokens());
  }

  private static String delta(String delta) {
    return "{'choices':[{'index':0,'delta':" + delta + "}]}";
  }

  private void add(String chunk) {
    assembler.add(json(chunk));
  }

  private void assertBody(String expected) {
    assertEquals(json(expected), JsonText.MAPPER.readTree(assembler.body()));
  }

  private static tools.jackson.databind.JsonNode json(String text) {
    return JsonText.MAPPER.readTree(text.replace('\'', '"'));
  }
}
