package dev.sluice.bench.scenario;

import dev.sluice.bench.report.Row;
import java.util.Collection;
import java.util.Locale;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// What the pure decisions and the serdes cost by themselves.
public final class Micro {
  private static final int ITERATIONS = 5;

  private final String pattern;

  /// @param pattern regular expression of benchmark names
  public Micro(String pattern) {
    this.pattern = pattern;
  }

  public String question() {
    return "Cost of one decision, release, rating or record, measured by JMH in a JVM of its own:"
        + " average time and 99.9 % interval.";
  }

  public Findings run() {
    Findings findings = new Findings();
    Collection<RunResult> results;
    try {
      results =
          new Runner(
                  new OptionsBuilder()
                      .include(pattern)
                      .mode(Mode.AverageTime)
                      .forks(1)
                      .warmupIterations(ITERATIONS)
                      .warmupTime(TimeValue.seconds(1))
                      .measurementIterations(ITERATIONS)
                      .measurementTime(TimeValue.seconds(2))
                      .jvmArgsAppend("-XX:+UseSerialGC")
                      .build())
              .run();
    } catch (RunnerException e) {
      throw new IllegalStateException("benchmarks did not run", e);
    }
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      String waiting = result.getParams().getParam("waiting");
      findings.row(
          new Row()
              .with("benchmark", name.substring(name.indexOf(".micro.") + ".micro.".length()))
              .with("jobs waiting", waiting == null ? "" : waiting)
              .with("ns", result.getPrimaryResult().getScore())
              .with("± ns", result.getPrimaryResult().getScoreError()));
    }
    findings.headline(String.format(Locale.ROOT, "%d micro-benchmarks", results.size()));
    return findings;
  }
}
