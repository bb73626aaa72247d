package dev.sluice.contract.codec;

import dev.sluice.contract.avro.ControlKind;
import dev.sluice.contract.avro.ControlMode;
import dev.sluice.contract.avro.ControlRecord;
import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.JobId;
import java.util.Optional;

/// Controls as records of their topic, and back.
public final class ControlCodec {

  private ControlCodec() {}

  public static ControlRecord record(Control control) {
    ControlRecord record = new ControlRecord();
    switch (control.target()) {
      case Control.Tenant(String id) -> name(record, ControlKind.TENANT, id, id);
      case Control.Group(String tenant, String name) ->
          name(record, ControlKind.GROUP, tenant, name);
      case Control.Job(String tenant, JobId id) -> name(record, ControlKind.JOB, tenant, id.text());
      case Control.Pool(String id) -> {
        record.setKind(ControlKind.POOL);
        record.setName(id);
      }
    }
    record.setMode(
        switch (control.mode()) {
          case PAUSED -> ControlMode.PAUSED;
          case DRAINING -> ControlMode.DRAINING;
        });
    record.setNote(control.note().isEmpty() ? null : control.note());
    record.setBy(control.by());
    record.setSince(control.since());
    return record;
  }

  private static void name(ControlRecord record, ControlKind kind, String tenant, String name) {
    record.setKind(kind);
    record.setTenant(tenant);
    record.setName(name);
  }

  /// Empty for what this version does not know.
  public static Optional<Control> control(ControlRecord record) {
    Optional<Control.Target> target = target(record);
    Optional<Control.Mode> mode =
        switch (record.getMode()) {
          case PAUSED -> Optional.of(Control.Mode.PAUSED);
          case DRAINING -> Optional.of(Control.Mode.DRAINING);
          case UNKNOWN -> Optional.empty();
        };
    return target.isEmpty() || mode.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Control(
                target.get(),
                mode.get(),
                record.getNote() == null ? "" : record.getNote(),
                record.getBy(),
                record.getSince()));
  }

  private static Optional<Control.Target> target(ControlRecord record) {
    String tenant = record.getTenant() == null ? "" : record.getTenant();
    String name = record.getName();
    return switch (record.getKind()) {
      case TENANT -> Optional.of(new Control.Tenant(name));
      case GROUP -> Optional.of(new Control.Group(tenant, name));
      case JOB -> JobId.parse(name).map(id -> new Control.Job(tenant, id));
      case POOL -> Optional.of(new Control.Pool(name));
      case UNKNOWN -> Optional.empty();
    };
  }
}
