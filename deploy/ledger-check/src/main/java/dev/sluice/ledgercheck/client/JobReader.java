package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Channel;
import dev.sluice.ledgercheck.core.JobState;
import dev.sluice.ledgercheck.core.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Reads jobs over every channel, and writes down each reading.
///
/// Safe for any number of threads.
final class JobReader {
  private static final String JOBS = "/v1/jobs/";
  private static final int LIST_PAGE = 100;
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(250);

  private final SluiceHttp http;
  private final ClientLedgers ledgers;

  JobReader(SluiceHttp http, ClientLedgers ledgers) {
    this.http = http;
    this.ledgers = ledgers;
  }

  /// One reading over that channel.
  Reading read(String job, Channel channel) throws InterruptedException {
    Reading reading =
        switch (channel) {
          case GET, GET_AFTER_RESTART, LIST -> get(job, channel, JOBS + job);
          case LONG_POLL -> get(job, channel, JOBS + job + "?wait=20");
          case EVENTS -> events(job);
        };
    ledgers.read(reading);
    return reading;
  }

  /// Reads until the job has ended; the last reading when it has not in time.
  Reading readToTheEnd(String job, Channel channel, Instant deadline) throws InterruptedException {
    while (true) {
      Reading reading = read(job, channel);
      if (reading.state().terminal() || Instant.now().isAfter(deadline)) {
        return reading;
      }
      Pause.of(BETWEEN_TRIES);
    }
  }

  private Reading get(String job, Channel channel, String path) throws InterruptedException {
    SluiceHttp.Reply reply = http.get(ledgers.accountOf(job), path);
    Optional<JsonNode> body = JobBody.parse(reply.body());
    if (reply.status() == 404) {
      return bare(job, channel, JobState.ABSENT);
    }
    if (reply.status() != 200 || body.isEmpty()) {
      return bare(job, channel, JobState.UNREADABLE);
    }
    return reading(job, channel, body.get());
  }

  private Reading events(String job) throws InterruptedException {
    JobEventStream stream = new JobEventStream();
    SluiceHttp.Reply reply =
        http.stream(
            http.request(ledgers.accountOf(job), JOBS + job + "/events").GET().build(),
            new EventLines(stream::event));
    JobState state = reply.status() == 404 ? JobState.ABSENT : stream.state();
    return new Reading(
        job,
        Channel.EVENTS,
        Instant.now(),
        state,
        state == JobState.SUCCEEDED ? stream.content() : Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// Every job of the tenant, newest first; their ids.
  Set<String> readList(Account account) throws InterruptedException {
    Set<String> listed = new HashSet<>();
    String after = "";
    while (true) {
      SluiceHttp.Reply reply = http.get(account, "/v1/jobs?limit=" + LIST_PAGE + after);
      JsonNode page = JobBody.parse(reply.body()).map(body -> body.path("data")).orElse(null);
      if (reply.status() != 200 || page == null || page.isEmpty()) {
        return listed;
      }
      String last = "";
      for (JsonNode job : page) {
        last = JobBody.id(job).orElse("");
        listed.add(last);
        ledgers.belongs(last, account);
        ledgers.read(bare(last, Channel.LIST, JobBody.state(job)));
      }
      if (after.equals("&after=" + last)) {
        return listed;
      }
      after = "&after=" + last;
    }
  }

  private static Reading reading(String job, Channel channel, JsonNode body) {
    return new Reading(
        job,
        channel,
        Instant.now(),
        JobBody.state(body),
        JobBody.result(body),
        JobBody.cost(body),
        JobBody.cache(body),
        JobBody.errorCode(body));
  }

  private static Reading bare(String job, Channel channel, JobState state) {
    return new Reading(
        job,
        channel,
        Instant.now(),
        state,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
