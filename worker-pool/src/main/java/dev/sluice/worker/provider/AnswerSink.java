package dev.sluice.worker.provider;

/// Sees an answer while it comes.
public interface AnswerSink {

  /// The first byte of the answer's body is there.
  void firstByte();

  /// The data of one event of a stream, byte-exact, without the final `[DONE]`.
  void chunk(byte[] data);
}
