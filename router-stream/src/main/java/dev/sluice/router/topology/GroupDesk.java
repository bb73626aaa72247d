package dev.sluice.router.topology;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.GroupOrder;
import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.TaskState;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What is asked of all jobs of a group at once. It is in the log before it is begun and until it
/// is done, and done a few jobs at a time, so that a large group does not stall the inputs. It is
/// for the jobs that were submitted before it, by the order of the log. Owned by the stream thread.
final class GroupDesk {
  private static final int MAX_JOBS_PER_TICK = 100;

  private final TaskLog log;
  private final TaskState state;
  private final Map<String, Pending> pending = new LinkedHashMap<>();

  /// @param left jobs it is still to be done to
  private record Pending(GroupOrder order, JobCommand command, Set<JobId> left) {}

  GroupDesk(TaskLog log, TaskState state) {
    this.log = log;
    this.state = state;
  }

  /// Goes on with what a predecessor had begun; the jobs are in the state already.
  void restored(Collection<GroupOrder> orders) {
    for (GroupOrder order : orders) {
      if (!begin(order)) {
        log.order(key(order), null);
      }
    }
  }

  /// Does all that is still to be done to a group. Before something else that is asked of it counts
  /// as read: a crash in between only makes that be read again.
  ///
  /// @param decide has a command done to a job
  void finish(String tenant, String group, BiConsumer<JobId, JobCommand> decide) {
    Pending earlier = pending.remove(key(tenant, group));
    if (earlier != null) {
      earlier.left.forEach(id -> decide.accept(id, earlier.command));
      log.order(key(tenant, group), null);
    }
  }

  /// Takes what is asked of a group of which nothing is to be done any more.
  void take(Command command) {
    GroupOrder order = new GroupOrder();
    order.setTenant(command.getTenant());
    order.setGroup(command.getGroup());
    order.setCancel(command.getCancel());
    order.setReprioritise(command.getReprioritise());
    order.setBefore(Arrays.stream(log.positions()).boxed().toList());
    if (begin(order)) {
      log.order(key(order), order);
    }
  }

  private boolean begin(GroupOrder order) {
    Optional<JobCommand> command = Commands.ofGroup(order.getCancel(), order.getReprioritise());
    Set<JobId> left = new LinkedHashSet<>();
    for (JobId id : state.group(new Control.Group(order.getTenant(), order.getGroup()))) {
      state.job(id).filter(job -> covers(order, job)).ifPresent(_ -> left.add(id));
    }
    if (command.isEmpty() || left.isEmpty()) {
      return false;
    }
    pending.put(key(order), new Pending(order, command.get(), left));
    return true;
  }

  private static boolean covers(GroupOrder order, Job job) {
    LogPosition submission = job.submission();
    return submission.offset() < order.getBefore().get(Inputs.index(submission.topic()));
  }

  /// What is asked of a job's group comes before what is asked of the job.
  void overtake(Job job, BiConsumer<JobId, JobCommand> decide) {
    if (pending.isEmpty() || job.group().isEmpty()) {
      return;
    }
    Pending order = pending.get(key(job.tenant(), job.group().get()));
    if (order != null && order.left.remove(job.id())) {
      decide.accept(job.id(), order.command);
    }
  }

  /// Does what one tick has time for.
  void tick(BiConsumer<JobId, JobCommand> decide) {
    int time = MAX_JOBS_PER_TICK;
    Iterator<Map.Entry<String, Pending>> all = pending.entrySet().iterator();
    while (time > 0 && all.hasNext()) {
      Map.Entry<String, Pending> one = all.next();
      Iterator<JobId> left = one.getValue().left.iterator();
      while (time > 0 && left.hasNext()) {
        JobId id = left.next();
        left.remove();
        decide.accept(id, one.getValue().command);
        time--;
      }
      if (!left.hasNext()) {
        all.remove();
        log.order(one.getKey(), null);
      }
    }
  }

  /// Writes anew what is to be under a key of the log.
  void rewrite(String key) {
    @Nullable Pending known = pending.get(key);
    log.order(key, known == null ? null : known.order);
  }

  private static String key(GroupOrder order) {
    return key(order.getTenant(), order.getGroup());
  }

  private static String key(String tenant, String group) {
    return TransitionStore.ORDER + tenant + "/" + group;
  }
}
