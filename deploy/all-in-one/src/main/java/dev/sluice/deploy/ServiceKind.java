package dev.sluice.deploy;

import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.IngressServer;
import dev.sluice.ingress.blob.BlobPlace;
import dev.sluice.ingress.callback.CallbackSettings;
import dev.sluice.metering.MeteringConfig;
import dev.sluice.metering.MeteringService;
import dev.sluice.router.RouterConfig;
import dev.sluice.router.RouterService;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.kafka.TopicCreator;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.worker.WorkerConfig;
import dev.sluice.worker.WorkerService;
import java.util.Optional;

/// The services there are, in the order in which a process starts them, and what of the
/// configuration each reads.
public enum ServiceKind {
  ROUTER {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      RouterConfig defaults = RouterConfig.defaults(topics(config));
      return new RouterService(
          new RouterConfig(
              defaults.topics(),
              defaults.streamThreads(),
              defaults.commitInterval(),
              config.retention().results(),
              config.retention().idempotency()),
          context);
    }
  },
  METERING {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      return new MeteringService(MeteringConfig.DEFAULT, context);
    }
  },
  WORKER {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      return new WorkerService(WorkerConfig.DEFAULT, context);
    }
  },
  INGRESS {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      return new IngressServer(ingress(config), context);
    }
  };

  abstract Service create(ServerConfig config, ServiceContext context);

  /// Whether callers or calls would be cut off by stopping it at once. The others hold nothing that
  /// is not in the log.
  boolean holdsWork() {
    return switch (this) {
      case INGRESS, WORKER -> true;
      case ROUTER, METERING -> false;
    };
  }

  /// How missing topics are created under a configuration.
  public static TopicCreator topics(ServerConfig config) {
    ServerConfig.Partitions partitions = config.topics().partitions();
    Optional<Short> copies = config.topics().replicationFactor().map(Integer::shortValue);
    return new TopicCreator(partitions.router(), partitions.reply(), partitions.metering(), copies);
  }

  private static IngressConfig ingress(ServerConfig config) {
    IngressConfig defaults = IngressConfig.DEFAULT;
    ServerConfig.Limits limits = config.limits();
    ServerConfig.Timeouts timeouts = config.timeouts();
    return new IngressConfig(
        config.host(),
        config.port(),
        defaults.replyPartitions(),
        new IngressConfig.Limits(
            Math.min(limits.bodyBytes(), defaults.limits().bodyBytes()),
            limits.headerBytes(),
            limits.connections()),
        new IngressConfig.Timing(
            timeouts.call(),
            defaults.timing().job(),
            timeouts.admission(),
            timeouts.abandoned(),
            defaults.timing().heartbeat(),
            defaults.timing().head(),
            defaults.timing().probe()),
        defaults.ioThreads(),
        new IngressConfig.Storage(
            blobs(config),
            config.blobs().grace(),
            config.limits().fileBytes(),
            config.publicUrl(),
            config.retention().idempotency()),
        CallbackSettings.of(config.callbacks().allow(), config.callbacks().secretKey()));
  }

  private static BlobPlace blobs(ServerConfig config) {
    return config
        .blobs()
        .s3()
        .<BlobPlace>map(bucket ->
            new BlobPlace.Bucket(
                bucket.name(),
                bucket.endpoint(),
                bucket.region(),
                bucket.prefix(),
                bucket.pathStyle(),
                bucket.keys().map(keys -> new BlobPlace.Keys(keys.id(), keys.secret()))))
        .orElseGet(() ->
            new BlobPlace.Folder(
                config.blobs().folder().orElseGet(() -> config.data().resolve("blobs"))));
  }
}
