package dev.sluice.ingress.http;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Control.Mode;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Scope;
import dev.sluice.ingress.core.DeadlineRule;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.NoteForm;
import dev.sluice.ingress.log.ControlLog;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/// Pauses, drains and resumes. Each is one record of `sluice.controls`, so that what is held back
/// outlives every process; asked again, nothing changes and the answer is the same.
final class Holding {
  private static final int MAX_OF_TENANT = 10_000;

  /// Pauses of jobs that are long gone, removed with one call.
  private static final int MAX_SWEPT = 20;

  private final ControlLog controls;
  private final Supplier<Policy> policy;
  private final InstantSource clock;
  private final Jobs jobs;
  private final JobJson json;

  Holding(Surroundings around, Jobs jobs, JobJson json) {
    this.controls = around.controls();
    this.policy = around.policy();
    this.clock = around.clock();
    this.jobs = jobs;
    this.json = json;
  }

  void pauseJob(Call call) throws IOException {
    JobFacts facts = jobs.of(call, jobs.idIn(call));
    call.identify(facts.id().text());
    if (facts.finished()) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.NOT_WAITING, "the job is " + facts.status().key() + " and waits no more"));
    }
    var _ = hold(call, new Control.Job(facts.tenant(), facts.id()), Mode.PAUSED);
    call.json(200, json.of(jobs.of(call, facts.id())));
  }

  void resumeJob(Call call) throws IOException {
    JobFacts facts = jobs.of(call, jobs.idIn(call));
    call.identify(facts.id().text());
    release(new Control.Job(facts.tenant(), facts.id()));
    call.json(200, json.of(jobs.of(call, facts.id())));
  }

  void pauseGroup(Call call) throws IOException {
    answer(call, hold(call, group(call), Mode.PAUSED));
  }

  void resumeGroup(Call call) throws IOException {
    resume(call, group(call));
  }

  private static Control.Group group(Call call) {
    return new Control.Group(call.principal().tenant(), PathText.in(call, "group"));
  }

  void pauseTenant(Call call) throws IOException {
    answer(call, hold(call, tenant(call), Mode.PAUSED));
  }

  void resumeTenant(Call call) throws IOException {
    resume(call, tenant(call));
  }

  /// The tenant of the path: one's own with the scope that could cancel all its jobs, any with the
  /// operator's.
  private Control.Tenant tenant(Call call) {
    String id = PathText.in(call, "tenant");
    boolean operates = call.principal().may(Scope.ADMIN);
    boolean own = id.equals(call.principal().tenant());
    if (!operates && !(own && call.principal().may(Scope.CANCEL))) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.FORBIDDEN,
              own
                  ? "this key does not have the scope cancel"
                  : "only a key with the scope admin may steer another tenant"));
    }
    if (!own && policy.get().tenant(id).isEmpty()) {
      throw PathText.absent("tenant");
    }
    return new Control.Tenant(id);
  }

  void stopPool(Call call, Mode mode) throws IOException {
    String id = PathText.in(call, "pool");
    if (policy.get().pool(id).isEmpty()) {
      throw PathText.absent("pool");
    }
    answer(call, hold(call, new Control.Pool(id), mode));
  }

  /// Also of a pool that the policy has no more.
  void resumePool(Call call) throws IOException {
    Control.Pool pool = new Control.Pool(PathText.in(call, "pool"));
    if (policy.get().pool(pool.id()).isEmpty() && controls.settled().of(pool).isEmpty()) {
      throw PathText.absent("pool");
    }
    resume(call, pool);
  }

  private Control hold(Call call, Control.Target target, Mode mode) {
    String note = NoteForm.read(call.body());
    Controls before = controls.settled();
    Optional<Control> known =
        before
            .of(target)
            .filter(control -> control.mode() == mode)
            .filter(control -> note.isEmpty() || note.equals(control.note()));
    if (known.isPresent()) {
      return known.get();
    }
    requireRoom(before, target);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    sweep(before, now);
    Control control = new Control(target, mode, note, call.principal().keyId(), now);
    controls.put(control);
    return control;
  }

  private static void requireRoom(Controls before, Control.Target target) {
    Optional<String> tenant = tenantOf(target);
    long held =
        before.all().stream()
            .filter(control -> tenant.isPresent() && tenantOf(control.target()).equals(tenant))
            .count();
    if (held >= MAX_OF_TENANT) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.SCHEMA_VIOLATION,
              "a tenant has at most " + MAX_OF_TENANT + " pauses; pause a group instead of jobs"));
    }
  }

  /// No job outlives its longest deadline, and no pause should outlive its job by much.
  private void sweep(Controls before, Instant now) {
    Instant oldest = now.minus(DeadlineRule.LONGEST).minus(1, ChronoUnit.DAYS);
    before.all().stream()
        .map(Control::target)
        .filter(
            target -> target instanceof Control.Job job && job.id().createdAt().isBefore(oldest))
        .limit(MAX_SWEPT)
        .forEach(controls::remove);
  }

  private void resume(Call call, Control.Target target) throws IOException {
    release(target);
    JsonOut out = new JsonOut(192);
    begin(out, target).field("state", "running").endObject();
    call.json(200, out.toBytes());
  }

  private void release(Control.Target target) {
    if (controls.settled().of(target).isPresent()) {
      controls.remove(target);
    }
  }

  /// What is held back of the tenant, and the pools; with the scope admin of all tenants.
  void list(Call call) throws IOException {
    boolean all = call.principal().may(Scope.ADMIN);
    Optional<String> own = Optional.of(call.principal().tenant());
    List<Control> shown =
        controls.settled().all().stream()
            .filter(control -> all || tenantOf(control.target()).or(() -> own).equals(own))
            .sorted(Comparator.comparing(control -> control.target().key()))
            .toList();
    JsonOut out = new JsonOut(256);
    out.beginObject().field("object", "list").name("data").beginArray();
    shown.forEach(control -> write(out, control));
    out.endArray().field("has_more", false).endObject();
    call.json(200, out.toBytes());
  }

  private static Optional<String> tenantOf(Control.Target target) {
    return switch (target) {
      case Control.Tenant tenant -> Optional.of(tenant.id());
      case Control.Group group -> Optional.of(group.tenant());
      case Control.Job job -> Optional.of(job.tenant());
      case Control.Pool _ -> Optional.empty();
    };
  }

  private static void answer(Call call, Control control) throws IOException {
    JsonOut out = new JsonOut(256);
    write(out, control);
    call.json(200, out.toBytes());
  }

  private static void write(JsonOut out, Control control) {
    begin(out, control.target())
        .field("state", control.mode().name().toLowerCase(Locale.ROOT))
        .textOrNull("note", control.note())
        .field("by", control.by())
        .instantOrNull("since", control.since())
        .endObject();
  }

  private static JsonOut begin(JsonOut out, Control.Target target) {
    out.beginObject().field("object", "control");
    return switch (target) {
      case Control.Tenant tenant -> named(out, "tenant", tenant.id(), tenant.id());
      case Control.Group group -> named(out, "group", group.name(), group.tenant());
      case Control.Job job -> named(out, "job", job.id().text(), job.tenant());
      case Control.Pool pool -> named(out, "pool", pool.id(), "");
    };
  }

  private static JsonOut named(JsonOut out, String kind, String id, String tenant) {
    return out.field("kind", kind).field("id", id).textOrNull("tenant", tenant);
  }
}
