package dev.sluice.ingress.core.callback;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Decides what becomes of a delivery after an attempt. Only 2xx is success: a redirect is not
/// followed, and a refusal may be an error of the receiver that passes.
///
/// @param longestWait what a receiver's `Retry-After` is believed up to
public record DeliveryRule(Ladder ladder, Duration longestWait) {
  public static final DeliveryRule STANDARD =
      new DeliveryRule(Ladder.STANDARD, Duration.ofHours(1));
  private static final int GONE = 410;

  /// @param attempts made, this one included
  /// @param firstAt when the first of them was due
  public DeliveryDecision decide(
      int attempts, Instant firstAt, AttemptAnswer answer, Instant now, double random) {
    if (answer instanceof AttemptAnswer.Answered(int status, _)) {
      if (status >= 200 && status < 300) {
        return new DeliveryDecision.Delivered();
      }
      if (status == GONE) {
        return new DeliveryDecision.Gone();
      }
    }
    return ladder
        .next(attempts, firstAt, now, random)
        .<DeliveryDecision>map(due -> new DeliveryDecision.Again(later(due, pause(answer, now))))
        .orElseGet(DeliveryDecision.Exhausted::new);
  }

  /// Until when a receiver that has too much to do is left alone; empty for any other answer.
  public Optional<Instant> pause(AttemptAnswer answer, Instant now) {
    return answer instanceof AttemptAnswer.Answered(int status, Optional<Duration> asked)
            && slows(status)
        ? asked.map(wait -> now.plus(wait.compareTo(longestWait) > 0 ? longestWait : wait))
        : Optional.empty();
  }

  /// Whether the receiver has too much to do, so that it is better called less at once.
  public static boolean slow(AttemptAnswer answer) {
    return switch (answer) {
      case AttemptAnswer.Answered(int status, _) -> slows(status);
      case AttemptAnswer.Failed(_, boolean slow) -> slow;
    };
  }

  private static boolean slows(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
  }

  private static Instant later(Instant due, Optional<Instant> asked) {
    return asked.filter(due::isBefore).orElse(due);
  }
}
