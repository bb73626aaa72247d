package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.Command;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.UrgencyForm;
import dev.sluice.ingress.log.JobLog;
import java.io.IOException;
import java.time.InstantSource;

/// What is asked of all jobs of a group at once. A group is a name that jobs share and nothing
/// else: one of which there is no job is not unknown, it is empty. Answers once the log has the
/// wish; its writer carries it out, a few thousand jobs a second.
final class GroupOrders {
  private final JobLog log;
  private final InstantSource clock;

  GroupOrders(JobLog log, InstantSource clock) {
    this.log = log;
    this.clock = clock;
  }

  void cancel(Call call) throws IOException {
    Command command = command(call);
    command.setCancel(new Cancel("caller"));
    send(call, command);
  }

  void reprioritise(Call call) throws IOException {
    Command command = command(call);
    command.setReprioritise(ReprioritiseJob.record(UrgencyForm.read(call.body(), clock.instant())));
    send(call, command);
  }

  private static Command command(Call call) {
    Command command = new Command();
    command.setJobId("");
    command.setTenant(call.principal().tenant());
    command.setGroup(PathText.in(call, "group"));
    return command;
  }

  private void send(Call call, Command command) throws IOException {
    log.command(command);
    call.json(
        202,
        new JsonOut(128)
            .beginObject()
            .field("object", "group")
            .field("id", command.getGroup())
            .endObject()
            .toBytes());
  }
}
