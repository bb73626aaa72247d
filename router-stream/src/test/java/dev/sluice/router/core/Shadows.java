package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Policies with shadows, and jobs that have some, for tests of the core.
final class Shadows {
  private Shadows() {}

  static Policy.Shadow to(String pool, int percent) {
    return new Policy.Shadow(pool, "m-" + pool, percent, Optional.empty());
  }

  /// The policy of [Jobs], whose model has shadows.
  static Policy policy(int slots, Policy.Shadow... shadows) {
    Policy plain = Jobs.policy(slots);
    Policy.Model model = plain.model("m").orElseThrow();
    return new Policy(
        plain.version(),
        plain.tenants(),
        plain.pools(),
        Map.of(
            "m",
            new Policy.Model(
                "m",
                model.maxOutputTokens(),
                model.routes(),
                model.fallback(),
                model.routing(),
                model.assignBy(),
                List.of(shadows))),
        plain.prices());
  }

  static JobMachine.Moment moment(Policy policy) {
    return new JobMachine.Moment(policy, Jobs.NOW, 0.5);
  }

  static Job after(Job job, JobCommand command, Policy policy) {
    JobDecision decision = JobMachine.decide(job, command, moment(policy));
    if (decision instanceof JobDecision.Moves moves) {
      return moves.after();
    }
    throw new AssertionError(command + " did not move " + job);
  }

  /// A job that has just been released, of which copies are due.
  static Job released(int number, Policy policy) {
    return after(Jobs.waiting(number), Jobs.release(), policy);
  }
}
