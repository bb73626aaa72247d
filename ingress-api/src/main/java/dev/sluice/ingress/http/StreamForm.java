package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.log.JobSignal;
import java.nio.ByteBuffer;

/// How a dialect writes the answer to one call as server-sent events. Owned by one thread, used for
/// one stream.
interface StreamForm {

  /// What is said before anything has happened; nothing in most dialects.
  default void opening(Sse sse) {}

  /// Parts of the answer.
  ///
  /// @return whether the answer's last part was among them
  boolean parts(Sse sse, JobSignal.Parts parts);

  /// Whether a part of the answer was seen, so that another attempt's cannot follow.
  boolean begun();

  /// A whole answer of which no part was seen: the provider did not stream, or the parts were lost
  /// with a worker.
  void whole(Sse sse, byte[] answer);

  /// After the last part.
  default void end(Sse sse) {}

  /// Ends a stream that cannot go on.
  void error(Sse sse, Refusal refusal);

  /// What is said when there is nothing to say.
  default ByteBuffer heartbeat() {
    return Sse.heartbeat();
  }
}
