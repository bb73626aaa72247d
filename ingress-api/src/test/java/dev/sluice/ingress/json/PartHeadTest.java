package dev.sluice.ingress.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartHeadTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'type':'a.b','sequence_number':3,'x':{'type':'no'}} | a.b | {'type':'a.b','sequence_number':12,'x':{'type':'no'}}",
        "{'x':[{'sequence_number':1}], 'sequence_number' : 3 ,'type':'a'} | a | {'x':[{'sequence_number':1}], 'sequence_number' : 12 ,'type':'a'}",
        "{'sequence_number':12,'type':'a'} | a | {'sequence_number':12,'type':'a'}",
        "{'type':'a'} | a | {'type':'a'}",
        "{'type':'a\\ndata: b','sequence_number':3} | `` | {'type':'a\\ndata: b','sequence_number':12}",
        "{'type':7} | `` | {'type':7}",
        "[1] | `` | [1]",
        "{'type': | `` | {'type':"
      })
  void readsTheNameAndChangesTheNumberAlone(String event, String type, String renumbered) {
    PartHead head = PartHead.of(bytes(event), true);

    assertEquals(type, head.type());
    assertEquals(renumbered, text(head.numbered(12)));
    assertEquals(event, text(head.event()));
  }

  private static ByteBuffer bytes(String event) {
    byte[] json = ("##" + event.replace('\'', '"')).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.wrap(json, 2, json.length - 2);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString().replace('"', '\'');
  }
}
