package dev.sluice.ingress.core.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.core.callback.Fanout.Target;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FanoutTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private static final String URL = "https://a.example/hook";

  private static Receiver receiver(String id, String url, String... types) {
    return new Receiver(
        "acme", id, "", Optional.of(url), List.of(types), List.of(), NOW, NOW, Optional.empty());
  }

  private static Event ended(Status status, String endpoint) {
    return Event.of("acme", EventTypes.ofJob(status), "job_1", status.key(), NOW)
        .alsoCalled(EventTypes.ofVendor(endpoint, status, false));
  }

  private static Event toldTo(Event event, String url) {
    return event.toldTo(Optional.of(url), Optional.empty());
  }

  @Test
  void tellsThoseWhoAskedByNameOrFamily() {
    Event event = ended(Status.FAILED, "/v1/chat/completions");

    assertEquals(
        List.of(
            new Target("a", "job.failed"),
            new Target("b", "job.failed"),
            new Target("c", "job.failed")),
        Fanout.of(
            event,
            List.of(
                receiver("a", URL, "job.failed"),
                receiver("b", URL + 2, "batch.*", "job.*"),
                receiver("c", URL + 3, "*"),
                receiver("d", URL + 4, "job.succeeded", "response.*", "batch.*"))));
  }

  @Test
  void tellsTheEndOfAResponseOnceUnderTheVendorsName() {
    Event event = ended(Status.SUCCEEDED, "/v1/responses");

    assertEquals(
        List.of(
            new Target("a", "response.completed"),
            new Target("b", "job.succeeded"),
            new Target("c", "response.completed")),
        Fanout.of(
            event,
            List.of(
                receiver("a", URL, "response.completed"),
                receiver("b", URL + 2, "job.*", "response.failed"),
                receiver("c", URL + 3, "job.*", "response.*"))));
  }

  @Test
  void callsAResponsesEndsWhatTheVendorCallsThem() {
    assertEquals(
        Optional.of("response.incomplete"),
        EventTypes.ofVendor("/v1/responses", Status.SUCCEEDED, true));
    assertEquals(
        Optional.of("response.cancelled"),
        EventTypes.ofVendor("/v1/responses", Status.CANCELLED, false));
    assertEquals(
        Optional.of("response.failed"),
        EventTypes.ofVendor("/v1/responses", Status.EXPIRED, false));
    assertEquals(Optional.empty(), EventTypes.ofVendor("/v1/embeddings", Status.SUCCEEDED, false));
  }

  @Test
  void tellsAJobsOwnUrl() {
    Event event = toldTo(ended(Status.SUCCEEDED, "/v1/responses"), URL);

    assertEquals(List.of(new Target("", "job.succeeded")), Fanout.of(event, List.of()));
  }

  @Test
  void anOwnUrlThatIsRegisteredIsThatEndpointOnce() {
    Event event = toldTo(ended(Status.SUCCEEDED, "/v1/embeddings"), URL);

    assertEquals(
        List.of(new Target("a", "job.succeeded")),
        Fanout.of(event, List.of(receiver("a", URL, "job.*"))));
    assertEquals(
        List.of(new Target("a", "job.succeeded")),
        Fanout.of(event, List.of(receiver("a", URL, "batch.*"))));
    Receiver off = receiver("a", URL, "job.*").disabled("gone", NOW);
    assertEquals(List.of(new Target("a", "job.succeeded")), Fanout.of(event, List.of(off)));
  }

  @Test
  void aDisabledEndpointAndAMereSecretHearNothing() {
    Receiver off = receiver("a", URL, "*").disabled("gone", NOW);
    Receiver secret =
        new Receiver(
            "acme", "s", "", Optional.empty(), List.of(), List.of(), NOW, NOW, Optional.empty());

    assertEquals(
        List.of(), Fanout.of(ended(Status.SUCCEEDED, "/v1/responses"), List.of(off, secret)));
  }

  @Test
  void idsFollowFromWhatHappenedAndToWhomItIsTold() {
    Event event = ended(Status.SUCCEEDED, "/v1/responses");
    Event again = ended(Status.SUCCEEDED, "/v1/embeddings");
    Event other = Event.of("other", "job.succeeded", "job_1", "succeeded", NOW);

    assertEquals(event.id(), again.id());
    assertNotEquals(event.id(), other.id());
    assertEquals(event.deliveryId("a"), again.deliveryId("a"));
    assertNotEquals(event.deliveryId("a"), event.deliveryId("b"));
    assertTrue(event.id().matches("evt_[0-9a-f]{32}"));
  }
}
