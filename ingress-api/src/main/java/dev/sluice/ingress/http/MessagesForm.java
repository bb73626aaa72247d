package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.json.MessageEvents;
import dev.sluice.ingress.json.PartHead;
import dev.sluice.ingress.log.JobSignal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Anthropic's messages: each event under the name that is its `type`, and pings in between.
final class MessagesForm implements StreamForm {
  private static final byte[] PING =
      "event: ping\ndata: {\"type\": \"ping\"}\n\n".getBytes(StandardCharsets.US_ASCII);

  private final String requestId;
  private boolean begun;

  MessagesForm(String requestId) {
    this.requestId = requestId;
  }

  @Override
  public boolean parts(Sse sse, JobSignal.Parts parts) {
    boolean last = false;
    for (ByteBuffer part : parts.parts()) {
      last |= event(sse, part);
    }
    begun = true;
    return last;
  }

  private static boolean event(Sse sse, ByteBuffer payload) {
    PartHead head = PartHead.of(payload, false);
    sse.named(head.type(), head.event());
    return head.type().equals("message_stop");
  }

  @Override
  public boolean begun() {
    return begun;
  }

  @Override
  public void whole(Sse sse, byte[] answer) {
    MessageEvents.of(answer).forEach(event -> event(sse, ByteBuffer.wrap(event)));
  }

  @Override
  public void error(Sse sse, Refusal refusal) {
    byte[] error =
        ErrorJson.anthropic(ErrorJson.anthropicType(refusal.code()), refusal.message(), requestId);
    sse.named("error", ByteBuffer.wrap(error));
  }

  @Override
  public ByteBuffer heartbeat() {
    return ByteBuffer.wrap(PING);
  }
}
