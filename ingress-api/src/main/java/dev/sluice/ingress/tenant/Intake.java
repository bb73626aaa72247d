package dev.sluice.ingress.tenant;

import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import java.util.Optional;

/// What a record of an intake topic is.
sealed interface Intake {

  /// A job, as if it had come over HTTP.
  record Accepted(Submission submission) implements Intake {}

  /// None, for a reason.
  ///
  /// @param tenant whose topic it is
  /// @param claimed tenant that the record claims to come from, where that is another
  record Refused(String tenant, ErrorCode code, String message, Optional<String> claimed)
      implements Intake {}
}
