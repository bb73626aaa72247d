package dev.sluice.deploy.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.ingress.IngressServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Two reply partitions, so that an ingress can own one and be asked about the other.
@InThisJvm
class IngressIT {
  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
  private static final Pattern ID = Pattern.compile("\"id\":\"(job_[0-9a-z]{26})\"");

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static IngressRig rig;
  private static EchoRouter router;

  @TempDir Path first;
  @TempDir Path second;

  @BeforeAll
  static void begin() throws Exception {
    BROKER.createTopics(Topics.fixed());
    RecordSerdes serdes = RecordSerdes.over(BROKER.registry());
    rig = new IngressRig(BROKER.bootstrapServers(), serdes);
    router = new EchoRouter(rig.kafka(), serdes);
  }

  @AfterAll
  static void end() {
    router.close();
    rig.close();
  }

  @Test
  void answersWaitingAndStreamingCallsThroughTheLog() throws Exception {
    try (IngressServer ingress = rig.start(first)) {
      HttpResponse<String> waiting =
          rig.post(ingress, "/v1/chat/completions", "{\"model\":\"m\"," + MESSAGES + "}");
      HttpResponse<String> stream =
          rig.post(
              ingress,
              "/v1/chat/completions",
              "{\"model\":\"m\",\"stream\":true," + MESSAGES + "}");

      assertEquals(200, waiting.statusCode(), waiting.body());
      assertEquals("{\"model\":\"m\"," + MESSAGES + "}", waiting.body());
      assertEquals(
          "data: {\"part\":0}\n\n"
              + "data: {\"part\":1}\n\n"
              + "data: {\"part\":2}\n\n"
              + "data: {\"part\":3}\n\n"
              + "data: {\"part\":4}\n\n"
              + "data: {\"part\":5}\n\n"
              + "data: [DONE]\n\n",
          stream.body());
    }
  }

  @Test
  void tellsTheSameAfterARestartAndAfterTheLossOfItsFolder() throws Exception {
    List<String> ids = new ArrayList<>();
    List<String> told = new ArrayList<>();
    String listed;
    try (IngressServer ingress = rig.start(first)) {
      for (int i = 0; i < 5; i++) {
        ids.add(submit(ingress, ",\"stream\":true,\"tags\":{\"run\":\"restart\"}"));
      }
      for (String id : ids) {
        rig.get(ingress, "/v1/jobs/" + id + "?wait=20");
        told.add(story(ingress, id));
      }
      listed = rig.get(ingress, "/v1/jobs?tag.run=restart").body();
    }

    MeterRegistry meters = new SimpleMeterRegistry();
    try (IngressServer restarted = rig.start(first, meters)) {
      assertEquals(0, meters.get("sluice.ingress.records.read").counter().count());
      assertEquals(told, stories(restarted, ids));
      assertEquals(listed, rig.get(restarted, "/v1/jobs?tag.run=restart").body());
    }
    try (IngressServer rebuilt = rig.start(second)) {
      assertEquals(told, stories(rebuilt, ids));
      assertEquals(listed, rig.get(rebuilt, "/v1/jobs?tag.run=restart").body());
    }
    for (int i = 0; i < ids.size(); i++) {
      assertTrue(listed.contains(ids.get(i)), listed);
      assertTrue(told.get(i).contains("id: 9\nevent: job.succeeded"), told.get(i));
    }
  }

  @Test
  void setsAsideWhatItCannotReadAndGoesOn() throws Exception {
    byte[] garbage = {1, 2, 3};
    try (IngressServer ingress = rig.start(first, 0);
        KafkaProducer<byte[], byte[]> producer = rig.kafka().producer("it")) {
      producer.send(new ProducerRecord<>(Topics.EVENTS.name(), 0, null, garbage)).get();
      producer.send(new ProducerRecord<>(Topics.RESULTS.name(), 0, null, garbage)).get();

      HttpResponse<String> answer =
          rig.post(ingress, "/v1/chat/completions", "{\"model\":\"m\"," + MESSAGES + "}");

      assertEquals(200, answer.statusCode(), answer.body());
      assertEquals(
          Set.of("sluice.events/0 decode_error", "sluice.results/0 decode_error"),
          rig.awaitLetters(2));
    }
  }

  @Test
  void resumesEventsOnAnyIngress() throws Exception {
    try (IngressServer mine = rig.start(first, 0);
        IngressServer other = rig.start(second, 1)) {
      String id = submit(mine, ",\"stream\":true");
      String path = "/v1/jobs/" + id + "/events";
      rig.get(mine, "/v1/jobs/" + id + "?wait=20");

      String here = rig.get(mine, path + "?after=4").body();
      String there = rig.get(other, path + "?after=4").body();

      assertEquals(here, there);
      assertTrue(here.contains("id: 5\nevent: job.delta"), here);
      assertTrue(!here.contains("id: 4\n"), here);
    }
  }

  @Test
  void cancelsAndErasesThroughTheLog() throws Exception {
    try (IngressServer mine = rig.start(first, 0);
        IngressServer other = rig.start(second, 1)) {
      String id = submit(mine, ",\"tags\":{\"hold\":\"yes\"}");

      HttpResponse<String> cancelled = rig.post(other, "/v1/jobs/" + id + "/cancel", "");
      HttpResponse<String> erased = rig.delete(mine, "/v1/jobs/" + id);

      assertTrue(cancelled.body().contains("\"status\":\"cancelled\""), cancelled.body());
      assertEquals(200, erased.statusCode(), erased.body());
      assertEquals(404, rig.get(mine, "/v1/jobs/" + id).statusCode());
      assertEquals(404, rig.get(mine, "/v1/jobs/" + id + "/events").statusCode());
      dev.sluice.testkit.Eventually.await(
          "erased everywhere",
          java.time.Duration.ofSeconds(5),
          () -> rig.get(other, "/v1/jobs/" + id).statusCode() == 404);
    }
  }

  private static String submit(IngressServer ingress, String more) throws Exception {
    HttpResponse<String> response =
        rig.post(ingress, "/v1/jobs", "{\"model\":\"m\"," + MESSAGES + more + "}");
    assertEquals(202, response.statusCode(), response.body());
    Matcher id = ID.matcher(response.body());
    assertTrue(id.find());
    return id.group(1);
  }

  private static List<String> stories(IngressServer ingress, List<String> ids) throws Exception {
    List<String> told = new ArrayList<>();
    for (String id : ids) {
      told.add(story(ingress, id));
    }
    return told;
  }

  /// All that is told of a job.
  private static String story(IngressServer ingress, String id) throws Exception {
    return rig.get(ingress, "/v1/jobs/" + id).body()
        + "\n"
        + rig.get(ingress, "/v1/jobs/" + id + "/events").body();
  }
}
