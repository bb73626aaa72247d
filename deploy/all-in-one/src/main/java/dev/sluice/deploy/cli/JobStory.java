package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// The life of a job for people: what it is, where it went and why, what was not taken, what
/// happened when, each attempt, and what it cost. Pure but for printing.
///
/// @param job as the native surface shows it
/// @param events without the parts of the answer
record JobStory(JsonNode job, List<JobHistory.Told> events) {

  void print(PrintWriter out) {
    line(out, "job", text(job, "id") + "  " + text(job, "status"));
    line(
        out,
        "asked",
        text(job, "model") + "  " + text(job, "priority") + "  " + text(job, "endpoint"));
    if (!job.path("tags").isEmpty()) {
      line(out, "tags", job.path("tags").toString());
    }
    if (job.hasNonNull("held_by") || job.hasNonNull("held_note")) {
      line(out, "held", held());
    }
    route(out);
    if (job.hasNonNull("shadow_of")) {
      line(out, "shadow of", text(job, "shadow_of"));
    }
    for (JsonNode copy : job.path("shadows")) {
      line(out, "shadow", copy.asString());
    }
    happened(out);
    attempts(out);
    cost(out);
    if (job.hasNonNull("error")) {
      line(out, "error", JobAnswer.failure(job));
    }
    out.flush();
  }

  private String held() {
    return text(job, "reason")
        + " "
        + text(job, "held_by")
        + (job.hasNonNull("held_until") ? " until " + text(job, "held_until") : "")
        + (job.hasNonNull("held_note") ? ": " + text(job, "held_note") : "");
  }

  private void route(PrintWriter out) {
    JsonNode route = job.path("route");
    if (route.isNull() || route.isMissingNode()) {
      line(out, "route", "none yet");
      return;
    }
    line(
        out,
        "route",
        route.hasNonNull("pool") ? text(route, "pool") + " " + text(route, "model") : "none");
    if (route.hasNonNull("policy")) {
      line(
          out,
          "chosen",
          text(route, "policy")
              + (route.hasNonNull("reason") ? ": " + text(route, "reason") : "")
              + "  (policy version "
              + text(route, "policy_version")
              + ")");
    }
    if (route.hasNonNull("variant")) {
      line(out, "variant", text(route, "variant"));
    }
    for (JsonNode other : route.path("rejected")) {
      line(
          out, "not", text(other, "pool") + " " + text(other, "model") + ": " + text(other, "why"));
    }
  }

  private void happened(PrintWriter out) {
    Instant start = Instant.parse(text(job, "created_at"));
    out.printf("%n%s%n", "what happened");
    at(out, start, start, "accepted");
    Instant last = start;
    for (JobHistory.Told event : events) {
      if (event.data().hasNonNull("at")) {
        last = Instant.parse(text(event.data(), "at"));
      }
      at(out, start, last, told(event));
    }
  }

  private static String told(JobHistory.Told event) {
    JsonNode data = event.data();
    StringBuilder words = new StringBuilder(event.name().replaceFirst("^job\\.", ""));
    if (data.path("attempt").asInt(0) > 0) {
      words.append(", attempt ").append(data.path("attempt").asInt());
    }
    if (data.hasNonNull("pool")) {
      words.append(", ").append(text(data, "pool")).append(' ').append(text(data, "model"));
    }
    if (data.hasNonNull("reason")) {
      words.append(": ").append(text(data, "reason"));
    }
    return words.toString();
  }

  private static void at(PrintWriter out, Instant start, Instant when, String what) {
    double seconds = Duration.between(start, when).toMillis() / 1_000.0;
    out.printf(Locale.ROOT, "  %-26s %+7.3f s  %s%n", when, Math.max(0, seconds), what);
  }

  private void attempts(PrintWriter out) {
    if (job.path("attempts").isEmpty()) {
      return;
    }
    out.printf("%n%s%n", "attempts");
    for (JsonNode attempt : job.path("attempts")) {
      StringBuilder words = new StringBuilder();
      words
          .append(text(attempt, "attempt"))
          .append("  ")
          .append(text(attempt, "pool"))
          .append(' ')
          .append(text(attempt, "model"))
          .append("  ")
          .append(text(attempt, "outcome"));
      if (attempt.hasNonNull("code")) {
        words.append(' ').append(text(attempt, "code"));
      }
      if (attempt.path("provider_status").asInt(0) > 0) {
        words.append(", provider said ").append(text(attempt, "provider_status"));
      }
      if (attempt.hasNonNull("started_at") && attempt.hasNonNull("finished_at")) {
        Duration taken =
            Duration.between(
                Instant.parse(text(attempt, "started_at")),
                Instant.parse(text(attempt, "finished_at")));
        words.append(", ").append(taken.toMillis()).append(" ms");
      }
      out.println("  " + words);
    }
  }

  private void cost(PrintWriter out) {
    JsonNode cost = job.path("cost");
    if (cost.isNull() || cost.isMissingNode()) {
      return;
    }
    out.println();
    line(
        out,
        "tokens",
        job.path("usage").hasNonNull("tokens") ? job.path("usage").path("tokens").toString() : "-");
    line(
        out,
        "charged",
        cost.hasNonNull("charged_usd") ? text(cost, "charged_usd") + " USD" : "unpriced");
    line(out, "owed", cost.hasNonNull("owed_usd") ? text(cost, "owed_usd") + " USD" : "unpriced");
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("%-9s %s%n", name, value.strip());
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }
}
