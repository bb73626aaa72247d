package dev.sluice.ingress.tenant;

import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.util.List;

/// Serves the topics that tenants ask for: takes the jobs they produce, and copies what concerns
/// them. All ingresses share the work.
public final class OwnTopics implements AutoCloseable {
  private final List<TenantLoop> loops;

  /// @param replyPartitions how many there are
  public OwnTopics(ServiceContext context, JobLog log, IngressConfig config, int replyPartitions) {
    loops =
        List.of(
            new TenantLoop(
                "sluice-intake",
                context.policy(),
                new IntakeReader(context, log, config, replyPartitions)),
            new TenantLoop("sluice-copies", context.policy(), new TenantCopier(context, log)));
  }

  public void start() {
    loops.forEach(TenantLoop::start);
  }

  @Override
  public void close() {
    loops.forEach(TenantLoop::close);
  }
}
