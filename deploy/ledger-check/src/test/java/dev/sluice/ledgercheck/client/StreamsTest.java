package dev.sluice.ledgercheck.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ledgercheck.core.JobState;
import dev.sluice.ledgercheck.core.Served;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Streams as the client puts them together.
class StreamsTest {

  @Test
  void joinsTheDeltasOfTheLastAttempt() {
    JobEventStream stream = new JobEventStream();
    List<String> lines =
        List.of(
            "id: 1",
            "event: job.delta",
            "data: {\"delta\":{\"choices\":[{\"delta\":{\"content\":\"lost\"}}]}}",
            "",
            "event: attempt.restarted",
            "data: {\"attempt\":2}",
            "",
            ": heartbeat",
            "",
            "event: job.delta",
            "data: {\"delta\":{\"choices\":[{\"delta\":{\"content\":\"kept\"}}]}}",
            "",
            "event: job.succeeded",
            "data: {\"status\":\"succeeded\"}",
            "");
    EventLines events = new EventLines(stream::event);

    lines.forEach(events::line);

    assertEquals(JobState.SUCCEEDED, stream.state());
    assertEquals(Optional.of(Served.of("kept")), stream.content());
  }

  @Test
  void takesAChatStreamForCompleteOnlyAfterItsFinishAndItsEnd() {
    ChatStream stream = new ChatStream();

    stream.event("message", "{\"choices\":[{\"delta\":{\"content\":\"text\"}}]}");
    stream.event("message", "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");
    assertFalse(stream.complete());
    stream.event("message", "[DONE]");

    assertTrue(stream.complete());
    assertEquals("text", stream.content());
  }

  @Test
  void takesAChatStreamWithAnErrorForIncomplete() {
    ChatStream stream = new ChatStream();

    stream.event("message", "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}");
    stream.event("message", "{\"error\":{\"code\":\"stream_interrupted\"}}");
    stream.event("message", "[DONE]");

    assertFalse(stream.complete());
  }
}
