package dev.sluice.ledgercheck.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Nonces: each answer is one that the provider gave, whole, and for this very prompt.
final class AnswerCheck implements Check {
  private final Map<String, Call> callOfNonce = new HashMap<>();

  AnswerCheck(List<Call> calls) {
    calls.forEach(call -> callOfNonce.put(call.nonce(), call));
  }

  @Override
  public void check(JobTrace job, Ledgers ledgers, Consumer<Violation> found) {
    job.answer()
        .filter(Answer::complete)
        .ifPresent(answer -> checkServed(job, "the caller", answer.served(), found));
    boolean succeeded = false;
    for (Reading reading : job.readings()) {
      boolean bears = reading.channel() == Channel.GET || reading.channel() == Channel.LONG_POLL;
      if (reading.state() == JobState.SUCCEEDED && (bears || reading.served().isPresent())) {
        succeeded = true;
        checkServed(job, reading.channel().name(), reading.served(), found);
      }
    }
    boolean told = job.answer().isPresent() && job.answer().get().complete();
    if (told && !succeeded && job.finalState().terminal()) {
      found.accept(
          new Violation(
              Invariant.I5,
              job.marker(),
              "the caller got an answer, but the job is " + job.finalState()));
    }
  }

  private void checkServed(
      JobTrace job, String who, Optional<Served> served, Consumer<Violation> found) {
    Call call = served.map(answer -> callOfNonce.get(answer.nonce())).orElse(null);
    String wrong = null;
    if (call == null) {
      wrong = "an answer that no provider gave";
    } else if (!call.marker().equals(job.post().question())) {
      wrong = "the answer to " + call.marker();
    } else if (!call.contentHash().equals(served.get().contentHash())) {
      wrong = "an altered answer of call " + call.id();
    }
    if (wrong != null) {
      found.accept(
          new Violation(Invariant.NONCE, job.marker(), "%s was given %s".formatted(who, wrong)));
    }
  }
}
