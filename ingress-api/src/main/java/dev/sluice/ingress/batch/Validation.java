package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchProblem;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.batch.LineSource.Line;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.batch.CustomIds;
import dev.sluice.ingress.core.batch.LineIds;
import dev.sluice.ingress.json.BatchLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a batch's whole input before its first line becomes a job, and says what is wrong with
/// which line.
final class Validation {
  private static final int MOST_PROBLEMS = 100;

  private final BatchInput input;
  private final Policy policy;
  private final CustomIds customIds = new CustomIds();
  private final List<BatchProblem> problems = new ArrayList<>();

  /// @param lines that can be jobs
  /// @param problems the first hundred; none when the batch may run
  record Report(long lines, List<BatchProblem> problems) {
    Report {
      problems = List.copyOf(problems);
    }
  }

  Validation(BatchInput input, Policy policy) {
    this.input = input;
    this.policy = policy;
  }

  /// The problem of an input whose bytes are gone.
  static List<BatchProblem> unreadable() {
    return List.of(
        new BatchProblem("unreadable_file", "the input file cannot be read", null, null));
  }

  /// Stops early when its thread is interrupted.
  Report run() throws IOException {
    long lines = 0;
    try (LineSource source = input.from(0)) {
      for (Optional<Line> next = source.next();
          next.isPresent() && problems.size() < MOST_PROBLEMS;
          next = source.next()) {
        if (Thread.interrupted()) {
          throw new IOException("validation was told to stop");
        }
        check(next.get());
        lines++;
      }
    }
    if (lines == 0) {
      problem("empty_file", "the input has no lines", null, "");
    } else if (lines > LineIds.MAX_LINES) {
      problem("too_many_lines", "a batch has at most 16777216 lines", null, "");
    }
    return new Report(lines, problems);
  }

  private void check(Line line) {
    if (line.tooLong()) {
      problem(
          ErrorCode.TOO_LARGE.code(),
          "a line may have at most " + input.maxLineBytes() + " bytes",
          line.number(),
          "");
      return;
    }
    try {
      BatchLine read = input.parse(line.bytes());
      if (!customIds.add(read.customId())) {
        problem(
            "duplicate_custom_id",
            "an earlier line has this custom_id; give each line its own",
            line.number(),
            "custom_id");
      }
      if (policy.model(read.request().model()).isEmpty()) {
        problem(
            ErrorCode.MODEL_NOT_FOUND.code(),
            "there is no model of this name; GET /v1/models lists them",
            line.number(),
            BatchInput.isAnthropic(input.request()) ? "params.model" : "body.model");
      }
    } catch (RefusedException e) {
      Refusal refusal = e.refusal();
      String code =
          refusal.code() == ErrorCode.MALFORMED_JSON
              ? "invalid_json_line"
              : refusal.pointer().equals("/url")
                  ? "mismatched_url"
                  : refusal.pointer().equals("/method") ? "invalid_method" : "invalid_request";
      problem(code, refusal.message(), line.number(), refusal.param());
    }
  }

  private void problem(String code, String message, @Nullable Long line, String param) {
    problems.add(new BatchProblem(code, message, line, param.isEmpty() ? null : param));
  }
}
