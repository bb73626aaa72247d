package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.json.ChunkOf;
import dev.sluice.ingress.log.JobSignal;
import java.nio.ByteBuffer;

/// Chat and text completions: unnamed chunks, and `[DONE]` at the end.
final class ChatForm implements StreamForm {
  private static final ByteBuffer DONE = ByteBuffer.wrap(new byte[] {'[', 'D', 'O', 'N', 'E', ']'});

  private final boolean includeUsage;
  private boolean begun;

  ChatForm(boolean includeUsage) {
    this.includeUsage = includeUsage;
  }

  @Override
  public boolean parts(Sse sse, JobSignal.Parts parts) {
    boolean last = false;
    for (ByteBuffer part : parts.parts()) {
      if (part.equals(DONE)) {
        last = true;
      } else {
        sse.data(part);
        begun = true;
      }
    }
    return last;
  }

  @Override
  public boolean begun() {
    return begun;
  }

  @Override
  public void whole(Sse sse, byte[] answer) {
    ChunkOf.completion(answer, includeUsage).forEach(chunk -> sse.data(ByteBuffer.wrap(chunk)));
  }

  @Override
  public void end(Sse sse) {
    sse.done();
  }

  @Override
  public void error(Sse sse, Refusal refusal) {
    sse.data(ByteBuffer.wrap(ErrorJson.openAi(refusal)));
  }
}
