package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.log.JobLog;
import java.time.Duration;
import java.util.Optional;

/// Finds the job a path names, for the tenant that asks: another tenant's job, an erased one and
/// one that never was all look the same.
final class Jobs {
  private final JobLog log;

  Jobs(JobLog log) {
    this.log = log;
  }

  JobId idIn(Call call) {
    return JobId.parse(call.variable()).orElseThrow(Jobs::absent);
  }

  JobFacts of(Call call, JobId id) {
    return log.find(id)
        .filter(facts -> !facts.erased() && facts.tenant().equals(call.principal().tenant()))
        .orElseThrow(Jobs::absent);
  }

  static RefusedException absent() {
    return new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no such job"));
  }

  /// `?wait=`, 0 to 60 seconds.
  static Duration patience(Call call) {
    Optional<String> asked = call.query("wait");
    if (asked.isEmpty()) {
      return Duration.ZERO;
    }
    return Duration.ofSeconds(whole(asked.get(), "wait", 0, 60));
  }

  static int whole(String text, String name, int min, int max) {
    boolean digits =
        !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    int value = digits ? Integer.parseInt(text) : -1;
    if (value < min || value > max) {
      throw new RefusedException(
          Refusal.field("/" + name, name + " must be a whole number from " + min + " to " + max));
    }
    return value;
  }
}
