package dev.sluice.ledgercheck.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Ties every line of every ledger to its POST, and keeps what cannot be tied.
///
/// @param traces one a POST
/// @param strays what belongs to no POST, or to two: violations of I2
record Join(List<JobTrace> traces, List<Violation> strays) {

  static Join of(Ledgers ledgers) {
    return new Joiner(ledgers).join();
  }

  /// The maps that exist only while joining. Used by one thread.
  private static final class Joiner {
    private final Ledgers ledgers;
    private final Map<String, Post> posts = new LinkedHashMap<>();
    private final Map<String, Answer> answers = new HashMap<>();
    private final Map<String, CancelAnswer> cancels = new HashMap<>();
    private final Map<String, String> markerOfJob = new HashMap<>();
    private final Map<String, Set<String>> jobsOfMarker = new HashMap<>();
    private final Map<String, List<Call>> callsOfMarker = new HashMap<>();
    private final List<Violation> strays = new ArrayList<>();

    Joiner(Ledgers ledgers) {
      this.ledgers = ledgers;
    }

    Join join() {
      ledgers.posts().forEach(post -> posts.put(post.marker(), post));
      ledgers.answers().forEach(this::tieAnswer);
      ledgers.cancels().forEach(cancel -> cancels.put(cancel.marker(), cancel));
      List<Call> calls =
          ledgers.calls().stream().sorted(Comparator.comparing(Call::beganAt)).toList();
      calls.stream().filter(call -> !Marker.ofQuestion(call.marker())).forEach(this::tieCall);
      ledgers.costs().forEach(this::tieRow);
      SharedCalls shared = new SharedCalls(posts.values(), ledgers.costs());
      calls.stream()
          .filter(call -> Marker.ofQuestion(call.marker()))
          .forEach(call -> tieShared(call, shared));
      shared.forEachOther(this::own);
      tieReadings();
      Map<String, List<CostEntry>> rows =
          ledgers.costs().stream().collect(Collectors.groupingBy(CostEntry::jobId));
      Map<String, List<Reading>> readings =
          ledgers.readings().stream().collect(Collectors.groupingBy(Reading::jobId));
      List<JobTrace> traces =
          posts.values().stream().map(post -> trace(post, rows, readings)).toList();
      return new Join(traces, List.copyOf(strays));
    }

    private JobTrace trace(
        Post post, Map<String, List<CostEntry>> rows, Map<String, List<Reading>> readings) {
      Set<String> ids = jobsOfMarker.getOrDefault(post.marker(), Set.of());
      List<CostEntry> own =
          ids.stream().flatMap(id -> rows.getOrDefault(id, List.of()).stream()).toList();
      return new JobTrace(
          post,
          Optional.ofNullable(answers.get(post.marker())),
          Optional.ofNullable(cancels.get(post.marker())),
          Set.copyOf(ids),
          callsOfMarker.getOrDefault(post.marker(), List.of()).stream()
              .sorted(Comparator.comparing(Call::beganAt))
              .toList(),
          own.stream().filter(row -> row.kind().equals(CostEntry.ATTEMPT)).toList(),
          own.stream().filter(row -> row.kind().equals(CostEntry.CHARGE)).toList(),
          ids.stream().flatMap(id -> readings.getOrDefault(id, List.of()).stream()).toList(),
          ledgers.disturbances());
    }

    private void tieAnswer(Answer answer) {
      answers.merge(
          answer.marker(), answer, (one, other) -> one.weight() < other.weight() ? other : one);
      answer.jobId().ifPresent(job -> tie(job, answer.marker(), "an answer"));
    }

    private void tieCall(Call call) {
      if (!posts.containsKey(call.marker())) {
        stray(call.id(), "the provider was called for a prompt that nobody posted");
      } else {
        own(call.marker(), call);
        call.job().ifPresent(job -> tie(job, call.marker(), "a provider call"));
      }
    }

    private void tieShared(Call call, SharedCalls shared) {
      if (!shared.asked(call.marker())) {
        stray(call.id(), "the provider was called for a question that nobody asked");
      } else {
        shared.takeReported(call).ifPresent(marker -> own(marker, call));
      }
    }

    private void own(String marker, Call call) {
      callsOfMarker.computeIfAbsent(marker, _ -> new ArrayList<>()).add(call);
    }

    private void tieRow(CostEntry row) {
      Post post = posts.get(row.marker());
      if (post != null) {
        tie(row.jobId(), row.marker(), "a cost row");
        if (!row.tenant().equals(post.account().id())) {
          stray(
              row.entryId(),
              "a cost row of tenant %s for a job of %s"
                  .formatted(row.tenant(), post.account().id()));
        }
      } else if (!row.marker().isEmpty() || !markerOfJob.containsKey(row.jobId())) {
        stray(row.entryId(), "a cost row of job " + row.jobId() + " that nobody posted");
      }
    }

    /// A job whose POST got no answer may show itself only by its result.
    private void tieReadings() {
      Map<String, String> markerOfNonce = new HashMap<>();
      ledgers.calls().stream()
          .filter(call -> !Marker.ofQuestion(call.marker()))
          .forEach(call -> markerOfNonce.put(call.nonce(), call.marker()));
      for (Reading reading : ledgers.readings()) {
        String marker =
            reading.served().map(served -> markerOfNonce.get(served.nonce())).orElse(null);
        if (marker != null && !markerOfJob.containsKey(reading.jobId())) {
          tie(reading.jobId(), marker, "a result");
        }
      }
    }

    private void tie(String job, String marker, String witness) {
      String known = markerOfJob.putIfAbsent(job, marker);
      if (known != null && !known.equals(marker)) {
        stray(job, "%s ties it to %s, but it belongs to %s".formatted(witness, marker, known));
        return;
      }
      jobsOfMarker.computeIfAbsent(marker, _ -> new LinkedHashSet<>()).add(job);
    }

    private void stray(String subject, String text) {
      strays.add(new Violation(Invariant.I2, subject, text));
    }
  }
}
