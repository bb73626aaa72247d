package dev.sluice.deploy.cli;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.keys.KeyDesk;
import dev.sluice.runtime.policy.PolicyPublisher;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/// `sluice keys list`: every key by name, of the policy and issued; never a secret.
@Command(name = "list", description = "List the API keys of the policy and the issued ones.")
final class KeysListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogOptions where;
  @Mixin private OutputOption output;

  @Option(
      names = {"--tenant"},
      paramLabel = "TENANT",
      description = "Only the keys of this tenant.")
  private @Nullable String tenant;

  /// One key of either kind.
  private record Line(
      String tenant,
      String id,
      String origin,
      Collection<Scope> scopes,
      Optional<Instant> createdAt,
      Optional<Instant> revokedAt) {

    static Line of(IssuedKey key) {
      return new Line(
          key.tenant(),
          key.id(),
          "issued",
          key.scopes(),
          Optional.of(key.createdAt()),
          key.revokedAt());
    }

    static Line of(String tenant, Policy.ApiKey key) {
      return new Line(tenant, key.id(), "policy", key.scopes(), Optional.empty(), Optional.empty());
    }

    List<String> cells() {
      return List.of(
          tenant,
          id,
          origin,
          KeysListCommand.scopes(scopes),
          createdAt.map(Instant::toString).orElse(""),
          revokedAt.map(Instant::toString).orElse(""));
    }

    ObjectNode json() {
      ObjectNode json = SluiceClient.JSON.createObjectNode();
      json.put("tenant", tenant).put("id", id).put("origin", origin);
      scopes.stream().sorted().forEach(scope -> json.withArray("scopes").add(scope.key()));
      createdAt.ifPresent(at -> json.put("created_at", at.toString()));
      revokedAt.ifPresent(at -> json.put("revoked_at", at.toString()));
      return json;
    }
  }

  @Override
  public Integer call() {
    List<Line> lines = new ArrayList<>();
    try (LogOptions.OpenLog log = where.open(List.of(Topics.POLICY, Topics.KEYS))) {
      new PolicyPublisher(log.config().kafka(), log.serdes(), Clock.systemUTC())
          .inForce()
          .tenants()
          .values()
          .forEach(owner -> owner.keys().forEach(key -> lines.add(Line.of(owner.id(), key))));
      new KeyDesk(log.kafka(), log.serdes()).list().forEach(key -> lines.add(Line.of(key)));
    }
    lines.removeIf(line -> tenant != null && !line.tenant().equals(tenant));
    lines.sort(Comparator.comparing(Line::tenant).thenComparing(Line::id));
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      lines.forEach(line -> out.println(line.json()));
    } else {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("tenant", "id", "from", "scopes", "created", "revoked"));
      lines.forEach(line -> rows.add(line.cells()));
      new TextTable(rows, 6).print(out);
    }
    out.flush();
    return ExitCode.DONE.number();
  }

  static ObjectNode json(IssuedKey key) {
    return Line.of(key).json();
  }

  static String scopes(Collection<Scope> scopes) {
    return scopes.stream().sorted().map(Scope::key).collect(Collectors.joining(","));
  }
}
