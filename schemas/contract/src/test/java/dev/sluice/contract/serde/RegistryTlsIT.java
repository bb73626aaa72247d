package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls.PemIdentity;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that asks for a client certificate, with keys made for this run.
class RegistryTlsIT {
  private static final String PASSWORD = "changeit";

  @TempDir static Path folder;
  private static HttpsServer server;
  private static URI url;

  @BeforeAll
  static void startsAServerThatWantsACertificate() throws Exception {
    for (String who : List.of("server", "client-RSA", "client-EC")) {
      generateKey(who);
    }
    Path clients = folder.resolve("clients.pem");
    Files.writeString(clients, pem("client-RSA", false) + pem("client-EC", false));
    Files.writeString(folder.resolve("server.pem"), pem("server", false));
    for (String who : List.of("client-RSA", "client-EC")) {
      Files.writeString(folder.resolve(who + ".pem"), pem(who, false) + pem(who, true));
    }
    Files.writeString(
        folder.resolve("server-identity.pem"), pem("server", false) + pem("server", true));
    var context =
        RegistryTls.context(
            new Tls.Pem(Optional.of(clients), Optional.of(identity("server-identity"))));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters wanted = context.getDefaultSSLParameters();
            wanted.setNeedClientAuth(true);
            parameters.setSSLParameters(wanted);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "[\"s\"]".getBytes(java.nio.charset.StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    url = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterAll
  static void stopsTheServer() {
    server.stop(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"client-RSA", "client-EC"})
  void isKnownByAPemCertificate(String who) {
    var tls = new Tls.Pem(Optional.of(folder.resolve("server.pem")), Optional.of(identity(who)));

    assertEquals(List.of("s"), subjects(tls));
  }

  @Test
  void isKnownByAKeyStore() {
    var trusted = new Store(folder.resolve("server.p12"), PASSWORD);
    var own = new Store(folder.resolve("client-RSA.p12"), PASSWORD);

    assertEquals(List.of("s"), subjects(new Tls.Stores(Optional.of(trusted), Optional.of(own))));
  }

  @Test
  void isRefusedWithoutACertificate() {
    var tls = new Tls.Pem(Optional.of(folder.resolve("server.pem")), Optional.empty());

    assertThrows(SchemaRegistryException.class, () -> subjects(tls));
  }

  @Test
  void trustsNoServerItDoesNotKnow() {
    var tls = new Tls.Pem(Optional.empty(), Optional.of(identity("client-RSA")));

    assertThrows(SchemaRegistryException.class, () -> subjects(tls));
  }

  @Test
  void namesTheFileItCannotUse() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing");
    var tls = new Tls.Pem(Optional.of(empty), Optional.empty());

    var refused = assertThrows(IllegalArgumentException.class, () -> subjects(tls));
    assertTrue(refused.getMessage().contains("empty.pem"), refused.getMessage());
  }

  private static List<String> subjects(Tls tls) {
    var settings = SchemaRegistrySettings.builder(List.of(url)).attempts(1).tls(tls).build();
    try (var registry = new ConfluentSchemaRegistry(settings)) {
      return registry.subjects();
    }
  }

  private static PemIdentity identity(String who) {
    Path file = folder.resolve(who + ".pem");
    return new PemIdentity(file, file);
  }

  private static void generateKey(String who) throws Exception {
    var tool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keystore",
                folder.resolve(who + ".p12").toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                "it",
                "-keyalg",
                who.endsWith("-EC") ? "EC" : "RSA",
                "-dname",
                "CN=" + who,
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertEquals(0, tool.waitFor());
  }

  private static String pem(String who, boolean key) throws Exception {
    var store = KeyStore.getInstance(folder.resolve(who + ".p12").toFile(), PASSWORD.toCharArray());
    byte[] der =
        key
            ? store.getKey("it", PASSWORD.toCharArray()).getEncoded()
            : store.getCertificate("it").getEncoded();
    String kind = key ? "PRIVATE KEY" : "CERTIFICATE";
    return "-----BEGIN %s-----%n%s%n-----END %s-----%n"
        .formatted(kind, Base64.getMimeEncoder().encodeToString(der), kind);
  }
}
