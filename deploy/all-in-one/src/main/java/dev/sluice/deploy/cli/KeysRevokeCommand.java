package dev.sluice.deploy.cli;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.keys.KeyDesk;
import dev.sluice.runtime.keys.KeyOutcome;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `sluice keys revoke`: from then on the key opens nothing, on every ingress.
@Command(name = "revoke", description = "Revoke issued API keys, at once and for good.")
final class KeysRevokeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogOptions where;

  @Option(
      names = {"--tenant"},
      paramLabel = "TENANT",
      description = "Tenant of the keys; needed where the same id stands under several.")
  private @Nullable String tenant;

  @Parameters(paramLabel = "ID", arity = "1..*", description = "Ids of keys, or TENANT/ID.")
  private List<String> ids = List.of();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    try (LogOptions.OpenLog log = where.open(List.of(Topics.KEYS))) {
      KeyDesk desk = new KeyDesk(log.kafka(), log.serdes());
      List<IssuedKey> known = desk.list();
      // All names are known to be good before the first key is revoked.
      for (String name : ids.stream().map(id -> name(id, known)).toList()) {
        out.println(
            switch (desk.revoke(name, now)) {
              case KeyOutcome.Written _ -> name + " is revoked";
              case KeyOutcome.AlreadyRevoked(IssuedKey key) ->
                  name + " was revoked at " + key.revokedAt().map(Instant::toString).orElse("");
              case KeyOutcome.Taken _, KeyOutcome.Unknown _ -> throw unknown(name);
            });
        out.flush();
      }
    }
    return ExitCode.DONE.number();
  }

  private String name(String id, List<IssuedKey> known) {
    String wanted = tenant == null || id.contains("/") ? id : tenant + "/" + id;
    List<String> names =
        known.stream()
            .filter(key -> key.name().equals(wanted) || key.id().equals(wanted))
            .map(IssuedKey::name)
            .toList();
    if (names.isEmpty()) {
      throw unknown(wanted);
    }
    if (names.size() > 1) {
      throw new CommandFailure(
          ExitCode.USAGE, "%s is several keys, give --tenant: %s".formatted(id, names));
    }
    return names.getFirst();
  }

  private static CommandFailure unknown(String name) {
    return new CommandFailure(
        ExitCode.NOT_FOUND,
        name
            + " is no issued key: `sluice keys list` shows them; a key of the policy goes by taking"
            + " it out of the file, then `sluice apply`");
  }
}
