package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.kafka.KafkaClients;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@InThisJvm
class EmbeddedBrokerIT implements BrokerContract {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  @Override
  public KafkaClients clients() {
    return BROKER.clients();
  }

  @Test
  void restartOnOtherPortsKeepsEveryRecord() throws Exception {
    String topic = newTopic(Map.of());
    send(topic, "k", "before");

    BROKER.restart();

    send(topic, "k", "after");
    assertEquals(2, readAll(topic, 2, Map.of()).size());
  }

  @Test
  void takenPortIsOneLineThatNamesIt(@TempDir Path folder) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      EmbeddedBroker broker = new EmbeddedBroker(folder, "127.0.0.1", taken.getLocalPort());

      StartFailure failure = assertThrows(StartFailure.class, broker::start);

      assertTrue(failure.getMessage().contains("port " + taken.getLocalPort()));
      assertTrue(failure.getMessage().lines().count() == 1);
    }
  }

  @Test
  void folderHeldByAnotherIsOneLineThatNamesIt(@TempDir Path folder) {
    try (DataFolder _ = DataFolder.take(folder)) {
      StartFailure failure = assertThrows(StartFailure.class, () -> DataFolder.take(folder));

      assertTrue(failure.getMessage().contains(folder.toString()));
      assertTrue(failure.getMessage().contains("in use"));
    }
  }

  @Test
  void folderThatCannotBeWrittenIsOneLineThatNamesIt(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");

    StartFailure failure = assertThrows(StartFailure.class, () -> DataFolder.take(file));

    assertTrue(failure.getMessage().contains("cannot be written"));
  }
}
