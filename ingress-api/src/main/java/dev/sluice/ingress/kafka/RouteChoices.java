package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.JobEvent;
import dev.sluice.ingress.core.RouteChoice;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a job goes where it goes: from the log, and on disk.
final class RouteChoices {
  private RouteChoices() {}

  /// What a state says of the choice.
  static RouteChoice of(JobEvent event) {
    var told = event.getRouteChoice();
    return new RouteChoice(
        told == null ? "" : orEmpty(told.getPolicy()),
        event.getPolicyVersion(),
        orEmpty(event.getRouteReason()),
        told == null ? "" : orEmpty(told.getVariant()),
        told == null
            ? List.of()
            : told.getRejected().stream()
                .map(one ->
                    new RouteChoice.Rejected(one.getPool(), one.getProviderModel(), one.getWhy()))
                .toList());
  }

  static void write(DataOutputStream out, RouteChoice choice) throws IOException {
    out.writeUTF(choice.policy());
    out.writeLong(choice.version());
    out.writeUTF(choice.reason());
    out.writeUTF(choice.variant());
    out.writeShort(choice.rejected().size());
    for (RouteChoice.Rejected one : choice.rejected()) {
      out.writeUTF(one.pool());
      out.writeUTF(one.model());
      out.writeUTF(one.why());
    }
  }

  static RouteChoice read(DataInputStream in) throws IOException {
    String policy = in.readUTF();
    long version = in.readLong();
    String reason = in.readUTF();
    String variant = in.readUTF();
    List<RouteChoice.Rejected> rejected = new ArrayList<>();
    for (int left = in.readShort(); left > 0; left--) {
      rejected.add(new RouteChoice.Rejected(in.readUTF(), in.readUTF(), in.readUTF()));
    }
    return new RouteChoice(policy, version, reason, variant, rejected);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
