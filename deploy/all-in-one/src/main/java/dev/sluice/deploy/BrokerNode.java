package dev.sluice.deploy;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import kafka.server.BrokerServer;
import kafka.server.ControllerServer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.server.Server;
import kafka.server.SharedServer;
import kafka.server.StandardFaultHandlerFactory;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.controller.Controller;
import org.apache.kafka.controller.ControllerRequestContext;
import org.apache.kafka.metadata.bootstrap.BootstrapMetadata;
import org.apache.kafka.metadata.properties.MetaPropertiesEnsemble;
import org.apache.kafka.raft.QuorumConfig;
import org.apache.kafka.server.ServerSocketFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/// Controller and broker of the embedded node. Between the two starts the controller forgets the
/// broker that `kill -9` has left registered.
///
/// With the old registration in force the new broker would at first lead its partitions as the dead
/// one did, end the transactions that were about to be committed, and lose leadership while it
/// does: Kafka 4.1 to 4.3 then takes their partitions for deleted and drops the commit markers
/// (KAFKA-20734). Such a transaction stays open for ever, and nobody who reads committed records
/// gets past it. Nor does the new broker have to wait until the old registration expires.
final class BrokerNode {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerNode.class);
  private static final Duration ELECTION = Duration.ofSeconds(30);
  private static final Duration ELECTION_CHECK = Duration.ofMillis(5);

  private final ControllerServer controller;
  private final BrokerServer broker;

  BrokerNode(KafkaConfig config) {
    Tuple2<MetaPropertiesEnsemble, BootstrapMetadata> folders =
        KafkaRaftServer.initializeLogDirs(config, LOG, "");
    MetaPropertiesEnsemble identity = folders._1();
    QuorumConfig quorum = config.quorumConfig();
    SharedServer shared =
        new SharedServer(
            config,
            identity,
            Time.SYSTEM,
            Server.initializeMetrics(config, Time.SYSTEM, identity.clusterId().orElseThrow()),
            CompletableFuture.completedFuture(QuorumConfig.parseVoterConnections(quorum.voters())),
            QuorumConfig.parseBootstrapServers(quorum.bootstrapServers()),
            new StandardFaultHandlerFactory(),
            ServerSocketFactory.INSTANCE);
    controller = new ControllerServer(shared, KafkaRaftServer.configSchema(), folders._2());
    broker = new BrokerServer(shared);
  }

  /// Returns when the broker serves.
  void startup() {
    controller.startup();
    forgetTheDead(controller.controller());
    broker.startup();
  }

  private static void forgetTheDead(Controller active) {
    long giveUpAt = System.nanoTime() + ELECTION.toNanos();
    while (!active.isActive()) {
      if (System.nanoTime() > giveUpAt) {
        throw new IllegalStateException("the only controller was not elected in " + ELECTION);
      }
      LockSupport.parkNanos(ELECTION_CHECK.toNanos());
    }
    ControllerRequestContext request =
        new ControllerRequestContext(
            new RequestHeaderData(), KafkaPrincipal.ANONYMOUS, OptionalLong.empty());
    try {
      active.unregisterBroker(request, BrokerSettings.NODE_ID).join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof BrokerIdNotRegisteredException)) {
        throw e;
      }
      LOG.atDebug().log("the first start of this folder: no broker is registered");
    }
  }

  /// Who was in this streams group when the broker stopped, is in it no longer.
  void forgetMembers(String group) {
    new DeadMembers(broker).leave(group);
  }

  void shutdown() {
    broker.shutdown();
    controller.shutdown();
  }
}
