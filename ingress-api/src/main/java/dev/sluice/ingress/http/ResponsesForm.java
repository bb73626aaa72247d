package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.PartHead;
import dev.sluice.ingress.json.ResponseEvents;
import dev.sluice.ingress.log.JobSignal;
import java.nio.ByteBuffer;

/// The Responses endpoint: each event under the name that is its `type`, numbered from 0 without
/// gaps, so that a caller can go on after any of them.
///
/// Numbers count the events of the job in the order of the log, those of attempts that broke
/// included. So a number never means two things: who saw the first events of an attempt that broke
/// and comes back is given the next attempt from its beginning.
///
/// A background response is there before anything runs, and says so at once: its `response.created`
/// and `response.queued` are told by the ingress, and take the place of the first event of the
/// first attempt, which says the former too.
final class ResponsesForm implements StreamForm {
  /// Of a reader who has seen nothing yet.
  static final int FROM_THE_START = -1;

  private final byte[] queued;
  private final int after;
  private final long wanted;
  private int next;
  private boolean started;
  private boolean reached;
  private boolean begun;

  /// A stream from the start, as it comes.
  ///
  /// @param queued the response before it runs; empty when it is not a background response
  ResponsesForm(byte[] queued) {
    this(queued, FROM_THE_START, 0);
  }

  /// @param after number of the last event already seen
  /// @param wanted claim whose events are shown and those after it; 0 for the first that comes
  ResponsesForm(byte[] queued, int after, long wanted) {
    this.queued = queued;
    this.after = after;
    this.wanted = wanted;
    this.reached = wanted == 0;
  }

  @Override
  public void opening(Sse sse) {
    if (announced()) {
      event(sse, standing("response.created"));
      event(sse, standing("response.queued"));
    }
  }

  private boolean announced() {
    return queued.length > 0;
  }

  private ByteBuffer standing(String type) {
    byte[] event =
        new JsonOut(queued.length + 64)
            .beginObject()
            .field("type", type)
            .field("sequence_number", 0)
            .name("response")
            .raw(queued)
            .endObject()
            .toBytes();
    return ByteBuffer.wrap(event);
  }

  @Override
  public boolean parts(Sse sse, JobSignal.Parts parts) {
    reached = reached || parts.claimId() == wanted;
    if (!reached) {
      pass(parts.parts().size());
      return false;
    }
    boolean last = false;
    for (ByteBuffer part : parts.parts()) {
      last |= part(sse, part);
    }
    begun = true;
    return last;
  }

  /// Counts parts that are not shown, in the order of the log.
  void pass(int parts) {
    if (parts > 0) {
      next += started || !announced() ? parts : parts - 1;
      started = true;
    }
  }

  /// Which part of the answer an event is, counted from 0.
  int partOf(int number) {
    return Math.max(0, announced() ? number - 1 : number);
  }

  private boolean part(Sse sse, ByteBuffer payload) {
    if (!started && announced()) {
      started = true;
      return false;
    }
    started = true;
    return event(sse, PartHead.of(payload, true));
  }

  private void event(Sse sse, ByteBuffer payload) {
    var _ = event(sse, PartHead.of(payload, true));
  }

  /// @return whether it is the answer's last
  private boolean event(Sse sse, PartHead head) {
    int number = next++;
    if (number > after) {
      sse.named(head.type(), head.numbered(number));
    }
    return switch (head.type()) {
      case "response.completed", "response.incomplete", "response.failed" -> true;
      default -> false;
    };
  }

  @Override
  public boolean begun() {
    return begun;
  }

  @Override
  public void whole(Sse sse, byte[] answer) {
    ResponseEvents.of(answer).forEach(event -> part(sse, ByteBuffer.wrap(event)));
  }

  @Override
  public void error(Sse sse, Refusal refusal) {
    sse.named("error", ByteBuffer.wrap(ErrorJson.responsesEvent(refusal, next)));
  }
}
