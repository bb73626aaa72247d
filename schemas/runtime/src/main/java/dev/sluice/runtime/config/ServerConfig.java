package dev.sluice.runtime.config;

import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The static part of the configuration: `server:` of the file, overridden by the environment and
/// by the command line. Read once at start.
///
/// @param host address the HTTP port and the embedded broker listen on
/// @param port HTTP; 0 picks a free one
/// @param adminHost address the admin port listens on; off loopback it asks for a credential
/// @param adminPort health, metrics, admin; 0 picks a free one
/// @param kafkaPort the embedded broker's; 0 picks a free one
/// @param publicUrl how callers reach this Sluice, for URLs in answers; else the request's Host
/// @param data folder of everything this process keeps on disk
/// @param registry empty for the built-in one
public record ServerConfig(
    String host,
    int port,
    String adminHost,
    int adminPort,
    int kafkaPort,
    Optional<URI> publicUrl,
    Path data,
    KafkaSettings kafka,
    Optional<SchemaRegistrySettings> registry,
    TopicSettings topics,
    Limits limits,
    Timeouts timeouts,
    Retention retention,
    Callbacks callbacks,
    Blobs blobs) {

  public static final ServerConfig DEFAULT =
      new ServerConfig(
          "127.0.0.1",
          8080,
          "127.0.0.1",
          9090,
          9092,
          Optional.empty(),
          Path.of(".sluice"),
          KafkaSettings.at("127.0.0.1:9092"),
          Optional.empty(),
          TopicSettings.DEFAULT,
          Limits.DEFAULT,
          Timeouts.DEFAULT,
          Retention.DEFAULT,
          Callbacks.DEFAULT,
          Blobs.DEFAULT);

  /// The same with another broker, such as the embedded one once its port is known.
  public ServerConfig withKafka(KafkaSettings changed) {
    return new ServerConfig(
        host, port, adminHost, adminPort, kafkaPort, publicUrl, data, changed, registry, topics,
        limits, timeouts, retention, callbacks, blobs);
  }

  /// The same with another key for callbacks, such as the one of the data folder.
  public ServerConfig withCallbackKey(Secret key) {
    return new ServerConfig(
        host,
        port,
        adminHost,
        adminPort,
        kafkaPort,
        publicUrl,
        data,
        kafka,
        registry,
        topics,
        limits,
        timeouts,
        retention,
        new Callbacks(callbacks.allow(), Optional.of(key)),
        blobs);
  }

  /// How topics are created where they are missing.
  ///
  /// @param replicationFactor empty for the broker's own default
  public record TopicSettings(Partitions partitions, Optional<Integer> replicationFactor) {
    public static final TopicSettings DEFAULT =
        new TopicSettings(Partitions.DEFAULT, Optional.empty());
  }

  /// Partition counts, by what shares them.
  ///
  /// @param router of `sluice.jobs.*`, `sluice.commands` and `sluice.batches`
  /// @param reply of `sluice.events` and `sluice.results`
  /// @param metering of `sluice.ledger` and `sluice.costs`
  public record Partitions(int router, int reply, int metering) {
    public static final Partitions DEFAULT = new Partitions(1, 1, 1);

    public int of(Topic.Partitions kind) {
      return switch (kind) {
        case ROUTER -> router;
        case REPLY -> reply;
        case METERING -> metering;
        case ONE -> 1;
      };
    }
  }

  /// @param bodyBytes largest request body
  /// @param headerBytes largest request head
  /// @param connections open at once
  /// @param fileBytes largest file
  public record Limits(int bodyBytes, int headerBytes, int connections, long fileBytes) {
    /// What else a record holds must fit beside the body.
    static final int MAX_BODY_BYTES = Topics.MAX_RECORD_BYTES - 64 * 1024;

    public static final Limits DEFAULT = new Limits(MAX_BODY_BYTES, 32 * 1024, 20_000, 1L << 30);
  }

  /// @param call deadline of a waiting call that names none
  /// @param admission longest wait for the writer's word on a submission
  /// @param abandoned how long a job outlives the caller that waited for it
  /// @param drain longest wait for running work at shutdown
  public record Timeouts(Duration call, Duration admission, Duration abandoned, Duration drain) {
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofMinutes(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30));
  }

  /// @param results how long a finished job can be read
  /// @param idempotency how long an idempotency key names its first job, at most `results`
  public record Retention(Duration results, Duration idempotency) {
    public static final Retention DEFAULT =
        new Retention(Duration.ofDays(30), Duration.ofHours(24));
  }

  /// @param folder of the files' bytes; empty for `blobs` in the data folder
  /// @param s3 where they are instead of a folder
  /// @param grace how long bytes that nothing refers to are kept
  public record Blobs(Optional<Path> folder, Optional<Bucket> s3, Duration grace) {
    public static final Blobs DEFAULT =
        new Blobs(Optional.empty(), Optional.empty(), Duration.ofDays(1));
  }

  /// A bucket that speaks S3.
  ///
  /// @param endpoint empty for Amazon's own of the region
  /// @param prefix of every key; empty, or with a slash at its end
  /// @param pathStyle whether the bucket is named in the path, not in the host
  /// @param keys empty for the default chain of the AWS SDK
  public record Bucket(
      String name,
      Optional<URI> endpoint,
      String region,
      String prefix,
      boolean pathStyle,
      Optional<AccessKey> keys) {
    public static final String DEFAULT_REGION = "us-east-1";
  }

  /// An access key of an object store.
  public record AccessKey(Secret id, Secret secret) {}

  /// @param allow networks inside which callbacks may use http and any port, as CIDR
  /// @param secretKey encrypts signing secrets; the same for every ingress
  public record Callbacks(List<String> allow, Optional<Secret> secretKey) {
    public static final Callbacks DEFAULT = new Callbacks(List.of(), Optional.empty());

    public Callbacks {
      allow = List.copyOf(allow);
    }
  }
}
