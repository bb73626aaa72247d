package dev.sluice.worker.provider;

/// Makes calls to one pool's model servers. Blocking: one virtual thread a call. A provider never
/// retries; whether to try again is the router's decision.
///
/// Safe for use by many threads.
public interface Provider extends AutoCloseable {

  /// Makes one call and waits for its end.
  ///
  /// @param sink sees the answer as it comes, on the calling thread
  /// @param cancellation ends the call at once, upstream connection included
  /// @return what came of it; a provider's failure is an answer, never an exception
  /// @throws InterruptedException when the calling thread is interrupted; the call is ended
  ProviderAnswer call(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException;

  /// Asks for the list of models, and waits a second at most.
  ///
  /// @return whether a server answered with anything but a failure of its own
  boolean probe() throws InterruptedException;

  /// Takes no more calls and frees idle connections; running calls end by themselves.
  @Override
  void close();
}
