package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Jain;
import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.load.Target;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.HdrHistogram.Histogram;

/// How equally tenants share a pool who all want more of it than there is.
final class FairShares {
  /// Longest time in which all is given in, and which is no part of what is measured.
  private static final Duration BEFORE = Duration.ofSeconds(20);

  /// Beyond what a tenant gets meanwhile, so that each still has some.
  private static final double SPARE = 1.5;

  private final FairnessRig rig;
  private final Map<String, Integer> sizes;

  FairShares(FairnessRig rig) {
    this.rig = rig;
    this.sizes = rig.policy().sizes();
  }

  /// @return Jain's index
  double measure() throws IOException, InterruptedException {
    Map<String, Integer> given = backlogs();
    List<Target> jobs = new ArrayList<>();
    given.forEach((tenant, count) ->
        jobs.addAll(
            Collections.nCopies(
                count, rig.job(tenant, Fairness.STANDARD, sizes.getOrDefault(tenant, 0)))));
    Collections.shuffle(jobs, new Random(1));
    int earlier = rig.ends().count();
    rig.submit(jobs);
    Instant from = Instant.now();
    Thread.sleep(rig.measured());
    Instant to = Instant.now();
    boolean all = Wait.until(FairnessRig.LONG, () -> rig.ends().count() - earlier >= jobs.size());
    rig.findings().require(all && rig.ends().count() - earlier == jobs.size());
    // Who had nothing left to wait was not in the contest any more.
    Map<String, Integer> before = endedBefore(to);
    given.forEach(
        (tenant, count) -> rig.findings().require(before.getOrDefault(tenant, 0) < count));
    return tell(tokens(from, to), Duration.between(from, to));
  }

  private Map<String, Integer> backlogs() {
    double each = (double) FairnessPolicy.SLOTS * FairnessPolicy.TOKENS_PER_SECOND / sizes.size();
    double tokens = each * rig.measured().plus(BEFORE).toSeconds() * SPARE;
    Map<String, Integer> counts = new HashMap<>();
    sizes.forEach((tenant, size) -> counts.put(tenant, (int) Math.ceil(tokens / size)));
    return counts;
  }

  private Map<String, Integer> endedBefore(Instant to) {
    Map<String, Integer> counts = new HashMap<>();
    rig.ends()
        .all()
        .filter(ended -> ended.finished().isBefore(to))
        .forEach(ended -> counts.merge(ended.tenant(), 1, Integer::sum));
    return counts;
  }

  private Map<String, Long> tokens(Instant from, Instant to) {
    Map<String, Long> got = new HashMap<>();
    sizes.keySet().forEach(tenant -> got.put(tenant, 0L));
    rig.ends()
        .all()
        .filter(ended -> ended.finishedIn(from, to))
        .forEach(ended -> got.merge(ended.tenant(), ended.tokens(), Long::sum));
    return got;
  }

  private double tell(Map<String, Long> got, Duration length) {
    double jain = Jain.of(got.values());
    double sum = got.values().stream().mapToLong(Long::longValue).sum();
    double mean = sum / got.size();
    double whole =
        length.toMillis() / 1e3 * FairnessPolicy.SLOTS * FairnessPolicy.TOKENS_PER_SECOND;
    rig.row(
        "SHARE",
        jain,
        new FairnessRig.Portions(
            Collections.min(got.values()) / mean,
            Collections.max(got.values()) / mean,
            sum / whole),
        Double.NaN,
        Percentiles.ofNanos(new Histogram(3)));
    return jain;
  }
}
