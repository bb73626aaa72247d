package dev.sluice.deploy;

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

/// The services there are, in the order data passes them, and what of the configuration each reads.
public enum ServiceKind {
  ROUTER {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      RouterConfig defaults = RouterConfig.defaults(topics(config));
      return new RouterService(
          new RouterConfig(
              defaults.topics(),
              config.topics().partitions().router(),
              defaults.commitInterval(),
              config.retention().results()),
          context);
    }
  },
  WORKER {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      return new WorkerService(WorkerConfig.DEFAULT, context);
    }
  },
  METERING {
    @Override
    Service create(ServerConfig config, ServiceContext context) {
      return new MeteringService(MeteringConfig.DEFAULT, context);
    }
  };

  abstract Service create(ServerConfig config, ServiceContext context);

  /// How missing topics are created under a configuration.
  static TopicCreator topics(ServerConfig config) {
    ServerConfig.Partitions partitions = config.topics().partitions();
    Optional<Short> copies = config.topics().replicationFactor().map(Integer::shortValue);
    return new TopicCreator(partitions.router(), partitions.reply(), partitions.metering(), copies);
  }
}
