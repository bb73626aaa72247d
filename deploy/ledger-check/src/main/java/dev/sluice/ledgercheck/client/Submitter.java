package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.Answer;
import dev.sluice.ledgercheck.core.CancelAnswer;
import dev.sluice.ledgercheck.core.Channel;
import dev.sluice.ledgercheck.core.JobState;
import dev.sluice.ledgercheck.core.Plan;
import dev.sluice.ledgercheck.core.Post;
import dev.sluice.ledgercheck.core.Served;
import dev.sluice.ledgercheck.core.Surface;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Sends one plan's request, whatever comes of it, and writes down both sides. One with a key is
/// sent again; no other is.
///
/// Safe for any number of threads; each call blocks until its answer or its end.
final class Submitter {
  private static final Duration BETWEEN_REPEATS = Duration.ofMillis(500);
  private static final int MAX_REPEATS = 20;

  private final SluiceHttp http;
  private final ClientLedgers ledgers;
  private final JobReader reader;

  Submitter(SluiceHttp http, ClientLedgers ledgers, JobReader reader) {
    this.http = http;
    this.ledgers = ledgers;
    this.reader = reader;
  }

  void submit(Plan plan) throws InterruptedException {
    ledgers.posting(
        new Post(
            plan.marker(),
            plan.account(),
            plan.question(),
            plan.surface(),
            plan.model(),
            plan.cache(),
            plan.cancelAfter().isPresent(),
            plan.keyed(),
            Instant.now()));
    Submission submission = Submission.of(plan);
    Answer answer =
        switch (plan.surface()) {
          case JOB, JOB_EVENTS, JOB_WAIT -> submitJob(plan, submission);
          case CHAT -> submitChat(plan, submission);
          case CHAT_STREAM -> submitStream(plan, submission);
        };
    ledgers.answered(plan.account(), answer);
    if (plan.keyed()) {
      answer = again(plan, submission);
    }
    if (!answer.accepted()) {
      return;
    }
    String job = answer.jobId().orElseThrow();
    if (plan.cancelAfter().isPresent()) {
      cancel(plan, job, plan.cancelAfter().get());
    }
    if (plan.surface() == Surface.JOB_EVENTS) {
      reader.read(job, Channel.EVENTS);
    }
  }

  /// The same again under the same key, as a caller does that is not sure: until it is promised a
  /// job, through whatever is killed meanwhile.
  private Answer again(Plan plan, Submission submission) throws InterruptedException {
    Answer answer;
    int tries = 0;
    do {
      Pause.of(BETWEEN_REPEATS);
      answer = submitJob(plan, submission);
      ledgers.answered(plan.account(), answer);
    } while (!answer.accepted() && ++tries < MAX_REPEATS);
    return answer;
  }

  private Answer submitJob(Plan plan, Submission submission) throws InterruptedException {
    SluiceHttp.Reply reply =
        http.post(plan.account(), submission.path(), submission.body(), submission.headers());
    Optional<JsonNode> job = JobBody.parse(reply.body());
    boolean done =
        reply.status() == 200
            && job.map(JobBody::state).orElse(JobState.UNREADABLE) == JobState.SUCCEEDED;
    return answer(
        plan,
        reply,
        reply.status() / 100 == 2 ? job.flatMap(JobBody::id) : Optional.empty(),
        done,
        job.flatMap(JobBody::result));
  }

  private Answer submitChat(Plan plan, Submission submission) throws InterruptedException {
    SluiceHttp.Reply reply =
        http.post(plan.account(), submission.path(), submission.body(), submission.headers());
    Optional<Served> served = JobBody.parse(reply.body()).flatMap(JobBody::content).map(Served::of);
    return answer(plan, reply, reply.requestId(), reply.status() == 200, served);
  }

  private Answer submitStream(Plan plan, Submission submission) throws InterruptedException {
    HttpRequest.Builder request =
        http.request(plan.account(), submission.path())
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(submission.body()));
    submission.headers().forEach(request::header);
    ChatStream stream = new ChatStream();
    SluiceHttp.Reply reply = http.stream(request.build(), new EventLines(stream::event));
    return answer(
        plan,
        reply,
        reply.requestId(),
        stream.complete(),
        Optional.of(stream.content()).filter(text -> !text.isEmpty()).map(Served::of));
  }

  private static Answer answer(
      Plan plan,
      SluiceHttp.Reply reply,
      Optional<String> job,
      boolean complete,
      Optional<Served> served) {
    return new Answer(
        plan.marker(), Instant.now(), reply.status(), reply.sent(), job, complete, served);
  }

  private void cancel(Plan plan, String job, Duration after) throws InterruptedException {
    Pause.of(after);
    Instant asked = Instant.now();
    SluiceHttp.Reply reply = http.post(plan.account(), "/v1/jobs/" + job + "/cancel", "", Map.of());
    ledgers.cancelled(
        new CancelAnswer(
            plan.marker(),
            job,
            asked,
            Instant.now(),
            reply.status(),
            JobBody.parse(reply.body()).map(JobBody::state).orElse(JobState.UNREADABLE)));
  }
}
