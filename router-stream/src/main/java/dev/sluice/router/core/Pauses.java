package dev.sluice.router.core;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.JobId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// What operators hold back, and the jobs that stand aside for it. A pause costs nothing until what
/// it holds comes to the head of its line. Owned by one thread.
final class Pauses {
  private Controls controls = Controls.NONE;

  /// Jobs that came to the head of their line while they or their group were paused, and left it.
  private final Set<JobId> aside = new LinkedHashSet<>();

  Controls controls() {
    return controls;
  }

  /// From now on this is held back, and nothing else.
  ///
  /// @return tenants that are not paused any more
  List<String> adopt(Controls now) {
    List<String> resumed = new ArrayList<>();
    for (Control control : controls.all()) {
      if (control.target() instanceof Control.Tenant(String tenant)
          && now.ofTenant(tenant).isEmpty()) {
        resumed.add(tenant);
      }
    }
    controls = now;
    return resumed;
  }

  /// Jobs that need not stand aside any more; they do not from now on.
  ///
  /// @param live jobs by their ids
  List<JobId> takeResumed(Function<JobId, Optional<Job>> live) {
    List<JobId> resumed =
        aside.stream()
            .filter(id -> live.apply(id).filter(job -> of(job).isEmpty()).isPresent())
            .toList();
    resumed.forEach(aside::remove);
    return resumed;
  }

  /// The pause of a job alone or of its group.
  private Optional<Control> of(Job job) {
    return controls.ofJob(job.tenant(), job.group(), job.id());
  }

  /// Whether somebody holds a job back, so that it must not be released.
  boolean hold(Job job) {
    return holdTenantOf(job) || of(job).isPresent();
  }

  boolean holdTenantOf(Job job) {
    return controls.ofTenant(job.tenant()).isPresent();
  }

  boolean holdPool(String pool) {
    return controls.ofPool(pool).isPresent();
  }

  /// A job at the head of its line. A paused one keeps nobody behind it: it stands aside.
  ///
  /// @return whether it does
  boolean stepsAside(Job job) {
    return !controls.isEmpty() && of(job).isPresent() && aside.add(job.id());
  }

  void back(JobId id) {
    aside.remove(id);
  }

  /// Jobs that stand aside, count.
  int aside() {
    return aside.size();
  }
}
