package dev.sluice.router.core.grants;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/// How many slots some tenants can use, as the level rises up to which each of them may take: so
/// many slots for each of its shares. A tenant rises with the level until it has no more jobs.
public record DemandCurve(List<Step> steps) {
  public static final DemandCurve NONE = new DemandCurve(List.of());

  /// Tenants that run out of jobs at the same level.
  ///
  /// @param weight their shares, sum, above 0
  /// @param jobs that wait or are with workers, count, from 1
  public record Step(double weight, long jobs) {
    public Step {
      if (!(weight > 0) || jobs < 1) {
        throw new IllegalArgumentException("a step of weight " + weight + " and jobs " + jobs);
      }
    }

    private double full() {
      return jobs / weight;
    }
  }

  public DemandCurve {
    steps = List.copyOf(steps);
  }

  /// Slots they use at a level.
  public double at(double level) {
    double slots = 0;
    for (Step step : steps) {
      slots += Math.min((double) step.jobs, step.weight * level);
    }
    return slots;
  }

  /// Slots they can use at most.
  public long jobs() {
    long jobs = 0;
    for (Step step : steps) {
      jobs += step.jobs;
    }
    return jobs;
  }

  /// Both together.
  public DemandCurve and(DemandCurve other) {
    return new DemandCurve(Stream.concat(steps.stream(), other.steps.stream()).toList());
  }

  /// The level at which they use so many slots; infinite when they cannot use as many.
  public double level(double slots) {
    List<Step> rising = new ArrayList<>(steps);
    rising.sort(Comparator.comparingDouble(Step::full));
    double left = slots;
    double weight = rising.stream().mapToDouble(Step::weight).sum();
    for (Step step : rising) {
      if (step.full() * weight > left) {
        return left / weight;
      }
      left -= step.jobs;
      weight -= step.weight;
    }
    return Double.POSITIVE_INFINITY;
  }

  /// Puts tenants into few steps: those whose jobs for each share lie between the same powers of
  /// two stand together. Owned by one thread.
  public static final class Sketch {
    private final TreeMap<Integer, Step> steps = new TreeMap<>();
    private final long most;

    /// @param most slots that there are; more jobs of one tenant make no difference
    public Sketch(long most) {
      this.most = most;
    }

    /// @param share of the tenant, above 0
    /// @param jobs that wait or are with workers, count
    public void add(double share, long jobs) {
      long usable = Math.min(jobs, most);
      if (usable > 0) {
        steps.merge(
            Math.getExponent(usable / share),
            new Step(share, usable),
            (one, more) -> new Step(one.weight + more.weight, one.jobs + more.jobs));
      }
    }

    public DemandCurve curve() {
      return new DemandCurve(List.copyOf(steps.values()));
    }
  }
}
