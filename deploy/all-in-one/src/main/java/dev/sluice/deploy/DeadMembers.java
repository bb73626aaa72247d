package dev.sluice.deploy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import kafka.server.BrokerServer;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.StreamsGroupDescribeResponseData.Member;
import org.apache.kafka.common.message.StreamsGroupHeartbeatRequestData;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.StreamsGroupHeartbeatRequest;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says good-bye for the members of a streams group that `kill -9` has left in it. Their tasks
/// would else stay with them until their session ends, seconds after the broker is back. No client
/// can do that, so it asks the coordinator of the embedded broker itself.
///
/// To be called before the first member of this process joins. Should a member live elsewhere after
/// all, it joins anew and nothing is lost: the log decides who owns a task (ADR 0003).
final class DeadMembers {
  private static final Logger LOG = LoggerFactory.getLogger(DeadMembers.class);
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration CHECK = Duration.ofMillis(10);

  private final BrokerServer broker;

  DeadMembers(BrokerServer broker) {
    this.broker = broker;
  }

  void leave(String group) {
    if (!broker.metadataCache().contains(Topic.GROUP_METADATA_TOPIC_NAME)) {
      return;
    }
    try {
      DescribedGroup found = described(group);
      for (Member member : found.members()) {
        leave(group, member.memberId());
      }
      LOG.atDebug()
          .addKeyValue("group", group)
          .addKeyValue("members", found.members().size())
          .log("members of a process that is gone have left");
    } catch (RuntimeException e) {
      // They leave by themselves when their session ends.
      LOG.atWarn().addKeyValue("group", group).setCause(e).log("dead members stay for a while");
    }
  }

  /// Waits for the coordinator to have read its log. A group that does not exist has no members.
  private DescribedGroup described(String group) {
    long giveUpAt = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      DescribedGroup found =
          broker
              .groupCoordinator()
              .streamsGroupDescribe(context(ApiKeys.STREAMS_GROUP_DESCRIBE), List.of(group))
              .join()
              .getFirst();
      Errors error = Errors.forCode(found.errorCode());
      if (error == Errors.NONE || error == Errors.GROUP_ID_NOT_FOUND) {
        return found;
      }
      if (System.nanoTime() > giveUpAt) {
        throw error.exception();
      }
      LockSupport.parkNanos(CHECK.toNanos());
    }
  }

  private void leave(String group, String member) {
    broker
        .groupCoordinator()
        .streamsGroupHeartbeat(
            context(ApiKeys.STREAMS_GROUP_HEARTBEAT),
            new StreamsGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setMemberEpoch(StreamsGroupHeartbeatRequest.LEAVE_GROUP_MEMBER_EPOCH))
        .join();
  }

  private static RequestContext context(ApiKeys request) {
    return new RequestContext(
        new RequestHeader(request, request.latestVersion(), "sluice-dead-members", 0),
        "0",
        InetAddress.getLoopbackAddress(),
        KafkaPrincipal.ANONYMOUS,
        ListenerName.forSecurityProtocol(SecurityProtocol.PLAINTEXT),
        SecurityProtocol.PLAINTEXT,
        ClientInformation.EMPTY,
        true);
  }
}
