package dev.sluice.bench.scenario;

import dev.sluice.bench.report.Row;
import java.util.Collection;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// What the pure decisions and the serdes cost by themselves.
public final class Micro {
  private static final int ITERATIONS = 5;
  private static final String WHOLE = "TaskStateBench.decision";

  private final String pattern;
  private final BenchOptions options;

  /// @param pattern regular expression of benchmark names
  public Micro(String pattern, BenchOptions options) {
    this.pattern = pattern;
    this.options = options;
  }

  public String question() {
    return "Cost of one decision, release, rating or record, measured by JMH in a JVM of its own:"
        + " average time and 99.9 % interval. "
        + WHOLE
        + " is all that one job has a task's core decide in its whole life, in the order of the"
        + " router's desk, while so many others wait before a full pool: limits, route, place,"
        + " turn, release, claim, outcome, what is counted and kept of it, and, 2,000 at a time as"
        + " after a commit, that it is forgotten; with limits each tenant has four (requests and tokens a minute, calls at"
        + " once, dollars a month) that count every job and hold none. Records, the log and what a"
        + " task does once a tick are no part of it.";
  }

  public Findings run() {
    Findings findings = new Findings();
    Collection<RunResult> results = results();
    for (RunResult result : results) {
      findings.row(
          new Row()
              .with("benchmark", name(result))
              .with("with", parameters(result.getParams()))
              .with("ns", result.getPrimaryResult().getScore())
              .with("± ns", result.getPrimaryResult().getScoreError()));
    }
    findings.headline(headline(results));
    return findings;
  }

  private Collection<RunResult> results() {
    try {
      return new Runner(
              new OptionsBuilder()
                  .include(pattern)
                  .mode(Mode.AverageTime)
                  .forks(1)
                  .warmupIterations(ITERATIONS)
                  .warmupTime(TimeValue.milliseconds(options.measured().toMillis() / 20))
                  .measurementIterations(ITERATIONS)
                  .measurementTime(TimeValue.milliseconds(options.measured().toMillis() / 10))
                  .jvmArgsAppend("-XX:+UseSerialGC")
                  .build())
          .run();
    } catch (RunnerException e) {
      throw new IllegalStateException("benchmarks did not run", e);
    }
  }

  private static String headline(Collection<RunResult> results) {
    OptionalDouble dearest =
        results.stream()
            .filter(result -> name(result).equals(WHOLE))
            .mapToDouble(result -> result.getPrimaryResult().getScore())
            .max();
    String count = results.size() + " micro-benchmarks";
    return dearest.isEmpty()
        ? count
        : count
            + String.format(
                Locale.ROOT,
                "; all decisions of a job at most %.1f µs",
                dearest.getAsDouble() / 1e3);
  }

  private static String name(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.indexOf(".micro.") + ".micro.".length());
  }

  private static String parameters(BenchmarkParams of) {
    return of.getParamsKeys().stream()
        .map(key -> key + " " + of.getParam(key))
        .collect(Collectors.joining(", "));
  }
}
