package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What happens to the job of a waiting call whose caller has left: it may end by itself for a
/// while, so that a retry of the caller finds it; then it is cancelled, since it spends money for
/// nobody. Who only reads the job, by `?wait=` or its events, keeps nothing alive: a job's fate
/// does not depend on which ingress it is looked at from. Runs on the virtual thread that served
/// the caller.
final class Abandonment {
  private static final Logger LOG = LoggerFactory.getLogger(Abandonment.class);

  private final JobLog log;
  private final Duration grace;

  Abandonment(JobLog log, Duration grace) {
    this.log = log;
    this.grace = grace;
  }

  /// Waits out the grace period.
  void outlive(JobId id, String tenant, JobWatch watch) {
    long until = System.nanoTime() + grace.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      if (!left.isPositive()) {
        break;
      }
      Optional<JobSignal> signal = watch.next(left);
      boolean over =
          signal.isPresent()
              && (signal.get() instanceof JobSignal.Finished
                  || signal.get() instanceof JobSignal.PublishFailed
                  || signal.get() instanceof JobSignal.Erased);
      if (over) {
        return;
      }
    }
    cancel(id, tenant);
  }

  void cancel(JobId id, String tenant) {
    try {
      Command command = command(id, tenant, "disconnected");
      // Others may wait for the same job under other names.
      command.setCaller(id.text());
      log.command(command);
    } catch (LogUnavailableException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.JOB_ID, id)
          .log("abandoned job could not be cancelled, its deadline will end it");
    }
  }

  static Command command(JobId id, String tenant, String reason) {
    Command command = new Command();
    command.setJobId(id.text());
    command.setTenant(tenant);
    command.setCancel(new Cancel(reason));
    return command;
  }
}
