package dev.sluice.ingress;

import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.blob.BlobPlace;
import dev.sluice.ingress.callback.CallbackSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// How one ingress serves.
///
/// @param host address to listen on
/// @param port 0 picks a free one
/// @param replyPartitions partitions whose jobs this ingress takes; empty for all there are
/// @param limits what a request may be
/// @param timing how long things may take
/// @param ioThreads threads that read and write sockets; they never wait
/// @param storage where files and the lines of batches are
/// @param callbacks how callbacks are sent
public record IngressConfig(
    String host,
    int port,
    List<Integer> replyPartitions,
    Limits limits,
    Timing timing,
    int ioThreads,
    Storage storage,
    CallbackSettings callbacks) {

  public static final IngressConfig DEFAULT =
      new IngressConfig(
          "127.0.0.1",
          8080,
          List.of(),
          Limits.DEFAULT,
          Timing.DEFAULT,
          2,
          Storage.DEFAULT,
          CallbackSettings.NONE);

  /// @param blobs where the bytes are; the same for all ingresses
  /// @param grace how long bytes that nothing refers to are kept
  /// @param fileBytes largest file, and largest request of a batch that carries its lines
  /// @param publicUrl how callers reach this Sluice, for URLs in answers; else the request's Host
  /// @param keyed how long an idempotency key names the first call that was made with it
  public record Storage(
      BlobPlace blobs, Duration grace, long fileBytes, Optional<URI> publicUrl, Duration keyed) {
    public static final Storage DEFAULT =
        new Storage(
            new BlobPlace.Folder(Path.of(".sluice", "blobs")),
            Duration.ofDays(1),
            1L << 30,
            Optional.empty(),
            Duration.ofHours(24));
  }

  public IngressConfig {
    replyPartitions = List.copyOf(replyPartitions);
  }

  /// The same at another address.
  public IngressConfig at(String otherHost, int otherPort) {
    return new IngressConfig(
        otherHost, otherPort, replyPartitions, limits, timing, ioThreads, storage, callbacks);
  }

  /// @param bodyBytes largest request body; what else a record holds must fit beside it
  /// @param headerBytes largest request head
  /// @param connections open at once
  public record Limits(int bodyBytes, int headerBytes, int connections) {
    private static final int RECORD_OVERHEAD_BYTES = 64 * 1024;
    public static final Limits DEFAULT =
        new Limits(Topics.MAX_RECORD_BYTES - RECORD_OVERHEAD_BYTES, 32 * 1024, 20_000);
  }

  /// @param call deadline of a waiting call that names none
  /// @param job deadline of a job that names none
  /// @param admission longest wait for the writer's word on a submission
  /// @param abandoned how long a job outlives the caller that waited for it
  /// @param heartbeat longest silence on a stream
  /// @param head longest time for a request's head, and for its body to get up to speed
  /// @param probe between two looks for callers that have begun to wait and may hang up
  public record Timing(
      Duration call,
      Duration job,
      Duration admission,
      Duration abandoned,
      Duration heartbeat,
      Duration head,
      Duration probe) {
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofMinutes(10),
            Duration.ofHours(24),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(15),
            Duration.ofSeconds(10),
            Duration.ofSeconds(1));
  }
}
