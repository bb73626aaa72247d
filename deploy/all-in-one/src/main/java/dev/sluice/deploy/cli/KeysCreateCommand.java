package dev.sluice.deploy.cli;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.ServiceKind;
import dev.sluice.runtime.keys.KeyDesk;
import dev.sluice.runtime.keys.KeyOutcome;
import dev.sluice.runtime.policy.PolicyPublisher;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// `sluice keys create`: a new key, shown once and kept nowhere.
@Command(name = "create", description = "Issue a new API key and print it, this once.")
final class KeysCreateCommand implements Callable<Integer> {
  private static final String PREFIX = "sk-sluice-";
  private static final int SECRET_BYTES = 32;
  private static final int ID_BYTES = 6;
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

  @Spec private CommandSpec spec;
  @Mixin private LogOptions where;
  @Mixin private OutputOption output;

  @Option(
      names = {"--tenant"},
      paramLabel = "TENANT",
      required = true,
      description = "Tenant it belongs to; the policy must know it.")
  private String tenant = "";

  @Option(
      names = {"--id"},
      paramLabel = "ID",
      description = "Name of the key, stamped on cost rows (default: a new one).")
  private @Nullable String id;

  @Option(
      names = {"--scopes"},
      paramLabel = "SCOPE",
      split = ",",
      description = "submit, read, cancel, costs; comma-separated (default: submit,read,cancel).")
  private Set<Scope> scopes = EnumSet.of(Scope.SUBMIT, Scope.READ, Scope.CANCEL);

  @Override
  public Integer call() {
    if (scopes.contains(Scope.ADMIN)) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--scopes admin: a key that opens the admin port stands in the policy, as tenants[].keys");
    }
    SecureRandom random = new SecureRandom();
    String name = id == null ? "key-" + text(random, ID_BYTES).replace('_', '-') : id;
    if (!ID.matcher(name).matches()) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "--id: give 1 to 64 letters, digits, - or _, beginning with a letter or digit");
    }
    String secret = PREFIX + text(random, SECRET_BYTES);
    IssuedKey key =
        new IssuedKey(
            tenant,
            name,
            IssuedKey.digestOf(secret),
            scopes,
            Instant.now().truncatedTo(ChronoUnit.MILLIS),
            Optional.empty());
    try (LogOptions.OpenLog log = where.open(List.of(Topics.POLICY))) {
      requireKnown(tenant, name, log);
      try (Admin admin = log.kafka().admin("sluice-cli")) {
        ServiceKind.topics(log.config()).create(admin, List.of(Topics.KEYS));
      }
      if (new KeyDesk(log.kafka(), log.serdes()).issue(key) instanceof KeyOutcome.Taken taken) {
        throw taken(taken.key());
      }
    }
    print(key, secret);
    return ExitCode.DONE.number();
  }

  private static String text(SecureRandom random, int bytes) {
    byte[] drawn = new byte[bytes];
    random.nextBytes(drawn);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(drawn);
  }

  private static void requireKnown(String tenant, String id, LogOptions.OpenLog log) {
    Policy policy =
        new PolicyPublisher(log.config().kafka(), log.serdes(), Clock.systemUTC()).inForce();
    Policy.Tenant known =
        policy
            .tenant(tenant)
            .orElseThrow(() ->
                new CommandFailure(
                    ExitCode.NOT_FOUND,
                    "the policy in force has no tenant %s; it has %s"
                        .formatted(
                            tenant,
                            policy.tenants().keySet().stream()
                                .sorted()
                                .collect(Collectors.joining(", ")))));
    if (known.keys().stream().anyMatch(key -> key.id().equals(id))) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the policy has a key %s of tenant %s: choose another --id".formatted(id, tenant));
    }
  }

  private static CommandFailure taken(IssuedKey known) {
    return new CommandFailure(
        ExitCode.USAGE,
        "%s was issued at %s%s: choose another --id, since cost rows name it"
            .formatted(
                known.name(),
                known.createdAt(),
                known.revokedAt().map(at -> " and revoked at " + at).orElse("")));
  }

  private void print(IssuedKey key, String secret) {
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      ObjectNode shown = KeysListCommand.json(key);
      shown.put("key", secret);
      OutputOption.print(out, shown);
      return;
    }
    out.println(secret);
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    err.println(
        "key %s, scopes %s; only its hash is kept, so this is the only time it is shown"
            .formatted(key.name(), KeysListCommand.scopes(key.scopes())));
    err.flush();
  }
}
