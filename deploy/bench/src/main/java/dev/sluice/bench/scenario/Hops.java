package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Where each millisecond of a waiting call goes, and each request to the broker.
public final class Hops implements Scenario {

  @Override
  public String question() {
    return "Where the time of a POST /v1/chat/completions that waits for its answer goes, mock of"
        + " 0 ms, open loop: each clock starts when the request was due. The log says it: means of"
        + " the differences of the broker's append times, to the millisecond, so exact on average;"
        + " HTTP is what is left of the callers' mean. And requests to the broker by the client"
        + " that sent them, those of idle polling too. Means are above medians: pauses of the"
        + " collector are in them.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    bench.mock().delayMillis(0);
    try (SluiceProcess sluice = bench.start();
        CallTimes times = new CallTimes(sluice)) {
      bench.warmUp(Bench.chat(sluice.http(), false));
      for (int rate : bench.options().rates()) {
        measure(bench, findings, sluice, times, rate);
      }
    }
    return findings;
  }

  private static void measure(
      Bench bench, Findings findings, SluiceProcess sluice, CallTimes times, int rate)
      throws IOException, InterruptedException {
    times.mark();
    Map<String, Double> before = sluice.kafkaRequestsByClient();
    LatencyRun run =
        LatencyRun.once(
            bench, findings, new LatencyRun.Load("sluice", sluice.http(), sluice, rate, 0, false));
    Map<String, Double> after = sluice.kafkaRequestsByClient();
    Map<String, Double> millis = times.meanMillis();
    double logged = millis.values().stream().mapToDouble(Double::doubleValue).sum();
    findings.row(row(rate, "all, as callers see it", run.meanMillis(), Double.NaN));
    findings.row(
        row(rate, "HTTP, both ways, and the ingress", run.meanMillis() - logged, Double.NaN));
    millis.forEach((step, mean) -> findings.row(row(rate, step, mean, Double.NaN)));
    long calls = run.latency().count();
    findings.require(times.calls() == calls);
    Map<String, Double> requests = new TreeMap<>();
    after.forEach((client, count) ->
        requests.put(client, (count - before.getOrDefault(client, 0.0)) / calls));
    requests.entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .filter(each -> each.getValue() >= 0.005)
        .forEach(each ->
            findings.row(row(rate, "client " + each.getKey(), Double.NaN, each.getValue())));
    findings.headline(
        String.format(
            Locale.ROOT,
            "%.2f ms on average at %d/s: %.2f between the log's records, %.2f beside them",
            run.meanMillis(),
            rate,
            logged,
            run.meanMillis() - logged));
  }

  private static Row row(int rate, String part, double millis, double requests) {
    return new Row()
        .with("rate 1/s", rate)
        .with("part", part)
        .with("mean ms", millis)
        .with("requests to the broker/call", requests);
  }
}
