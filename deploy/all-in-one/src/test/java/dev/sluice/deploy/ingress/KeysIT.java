package dev.sluice.deploy.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.cli.CommandRun;
import dev.sluice.ingress.IngressServer;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/// Keys from their creation at the command line to the ingress that is asked with them. The policy
/// of the rig has the tenant `acme` with the key `k`.
@InThisJvm
class KeysIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static RecordSerdes serdes;
  private static IngressRig rig;
  private static HttpClient http;

  @TempDir Path state;

  @BeforeAll
  static void begin() throws Exception {
    BROKER.createTopics(Topics.fixed());
    serdes = RecordSerdes.over(LogSchemaRegistry.open(BROKER.clients()));
    rig = new IngressRig(BROKER.bootstrapServers(), serdes);
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void end() {
    http.shutdownNow();
    rig.close();
    serdes.close();
  }

  @Test
  void aNewKeyOpensUntilItIsRevokedAndARestartChangesNothing() throws Exception {
    String kept = run("create", "--tenant", "acme", "--id", "kept").out().strip();
    String revoked;
    try (IngressServer ingress = rig.start(state)) {
      CommandRun created = run("create", "--tenant", "acme", "--id", "temporary");
      revoked = created.out().strip();
      assertTrue(revoked.matches("sk-sluice-[A-Za-z0-9_-]{43}"), created.out());
      Eventually.await(
          "the key opens", Duration.ofSeconds(10), () -> status(ingress, revoked) == 200);
      assertEquals(403, status(ingress, "/v1/costs", revoked));

      assertEquals("acme/temporary is revoked\n", run("revoke", "temporary").out());
      Eventually.await(
          "the key opens nothing", Duration.ofSeconds(10), () -> status(ingress, revoked) == 401);
    }

    try (IngressServer again = rig.start(state)) {
      assertEquals(200, status(again, kept));
      assertEquals(401, status(again, revoked));
    }
  }

  @Test
  void listsKeysOfBothKindsAndNoSecret() {
    CommandRun created =
        run("create", "--tenant", "acme", "--id", "shown", "--scopes", "submit,read", "-o", "json");
    String secret = JsonMapper.shared().readTree(created.out()).path("key").asString();

    CommandRun list = run("list", "--tenant", "acme");

    assertTrue(
        list.out().matches("(?s).*acme +k +policy +submit,read,cancel,costs,admin\\n.*"),
        list.out());
    assertTrue(list.out().matches("(?s).*acme +shown +issued +submit,read +20.*"), list.out());
    assertFalse(list.out().contains(secret) || list.out().contains("sk-rig"), list.out());
  }

  @Test
  void aNameIsNeverUsedTwiceAndARevocationIsFinal() {
    assertEquals(0, run("create", "--tenant", "acme", "--id", "once").code());
    assertEquals(0, run("revoke", "acme/once").code());

    assertEquals(2, run("create", "--tenant", "acme", "--id", "once").code());
    assertEquals(2, run("create", "--tenant", "acme", "--id", "k").code());
    assertTrue(run("revoke", "once").out().startsWith("acme/once was revoked at "));
  }

  @Test
  void refusesWhatWouldOpenNothingOrTooMuch() {
    assertEquals(4, run("create", "--tenant", "nobody").code());
    assertEquals(4, run("revoke", "nothing").code());
    assertEquals(4, run("revoke", "k").code());
    CommandRun admin = run("create", "--tenant", "acme", "--scopes", "admin");
    assertEquals(2, admin.code());
    assertEquals("", admin.out());
  }

  private static CommandRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("keys"));
    all.addAll(List.of(arguments));
    all.add("--kafka=" + BROKER.bootstrapServers());
    return CommandRun.of(all.toArray(String[]::new));
  }

  private static int status(IngressServer server, String key) {
    return status(server, "/v1/models", key);
  }

  private static int status(IngressServer server, String path, String key) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + path))
            .header("authorization", "Bearer " + key)
            .build();
    try {
      return http.send(request, BodyHandlers.discarding()).statusCode();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
