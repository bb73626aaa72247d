package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The messages as their reader sees them, one mistake each, and many at once.
class FileProblemsTest {
  private static final String KNOWN =
      "a condition is true or false and knows model, tenant, endpoint, priority, session, stream,"
          + " tags, headers, input_tokens, estimated_tokens, hour(zone) and weekday(zone)";

  @TempDir Path folder;

  static Stream<Arguments> mistakes() {
    return Stream.of(
        mistake(
            "unknown key",
            "server: {prot: 1}",
            "1:10: server.prot: unknown key; did you mean \"port\"?"),
        mistake(
            "unknown key like no other",
            "colour: red",
            "1:1: colour: unknown key; keys here: server, tenants, pools, models, prices"),
        mistake(
            "key of another level",
            "port: 1",
            "1:1: port: unknown key; it belongs below \"server:\""),
        mistake(
            "key twice",
            "server:\n  port: 1\n  port: 2",
            "3:3: server.port: written twice, first in line 2; keep one"),
        mistake(
            "number as text",
            "server: {port: \"1\"}",
            "1:16: server.port: expected a plain value, found text; remove the quotes around"
                + " \"1\""),
        mistake(
            "text as number",
            "server: {host: 5}",
            "1:16: server.host: expected text, found 5; put it in quotes"),
        mistake("no value", "tenants:", "1:9: tenants: has no value; write one or remove the key"),
        mistake(
            "section for a list",
            "tenants: {id: a}",
            "1:10: tenants: expected a list, each element after \"- \", found a section with keys"),
        mistake(
            "list for a section",
            "server: []",
            "1:9: server: expected a section with keys, found a list"),
        mistake(
            "missing key",
            "tenants:\n  - keys: []",
            "2:5: tenants[0].id: is required; add it: Name of the tenant, stamped on everything it"
                + " does."),
        mistake(
            "not YAML",
            "tenants: [",
            "1:11: syntax: not YAML: while parsing a flow node, expected the node content, but"
                + " found '<stream end>'; correct the YAML here or just before"),
        mistake(
            "reference without quotes",
            "tenants: [{id: a, keys: [{id: k, secret: ${env:A}}]}]",
            "1:43: syntax: not YAML: while parsing a flow mapping, expected ',' or '}', but got {;"
                + " inside {…} and […] a reference needs quotes: \"${env:NAME}\""),
        mistake(
            "no section at all",
            "- a",
            "1:1: syntax: expected the keys of a configuration, such as \"tenants:\", found a"
                + " list"),
        mistake(
            "two documents",
            "tenants: []\n---\npools: []",
            "3:1: syntax: a second YAML document begins here; keep one, and remove the line"
                + " \"---\""),
        mistake(
            "not enforced",
            "pools: [{id: a, provider: simulated}]\nguards: []",
            "2:1: guards: is not enforced by this version (nothing would be checked); remove it"),
        mistake(
            "other provider",
            "pools: [{id: a, provider: gemini}]",
            "1:27: pools[0].provider: the gemini provider is not in this version; remove the"
                + " pool"),
        mistake(
            "unknown routing",
            "pools: [{id: s, provider: simulated}]\nmodels: [{id: a, policy: bandits, routes:"
                + " [{pool: s, model: m}]}]",
            "2:26: models[0].policy: unknown value \"bandits\"; did you mean \"bandit\"?"),
        mistake(
            "condition with an unknown name",
            "pools: [{id: s, provider: simulated}]\nmodels: [{id: a, routes: [{pool: s, model: m,"
                + " when: \"tagz.a == 'b'\"}]}]",
            "2:53: models[0].routes[0].when: is no condition, line 1 column 1: undeclared reference"
                + " to 'tagz'; "
                + KNOWN),
        mistake(
            "condition of a fallback in an unknown zone",
            "pools: [{id: s, provider: simulated}]\nmodels: [{id: a, routes: [{pool: s, model: m}],"
                + " fallback: [{pool: s, model: n, if: \"stream && hour('Mars') < 8\"}]}]",
            "2:84: models[0].fallback[0].if: is no condition, line 1 column 16: there is no time"
                + " zone 'Mars'; "
                + KNOWN),
        mistake(
            "residency without a pool",
            "tenants: [{id: a, residency: eu}]\npools: [{id: s, provider: simulated, region:"
                + " eu1}]",
            "1:30: tenants[0].residency: no pool is in the region \"eu\", so no job of the tenant"
                + " could run; did you mean \"eu1\"?"),
        mistake(
            "cheapest without a price",
            "pools: [{id: s, provider: simulated}]\nmodels: [{id: a, policy: cheapest, routes:"
                + " [{pool: s, model: m}]}]",
            "2:26: models[0].policy: no route of the model has a price to go by; add some below"
                + " prices"),
        mistake(
            "pool without endpoint",
            "pools: [{id: a, provider: openai-compatible}]",
            "1:9: pools[0].base_url: is required for openai-compatible; add the URL before"
                + " /chat/completions, such as http://127.0.0.1:8000/v1"),
        mistake(
            "both kinds of endpoint",
            "pools: [{id: a, provider: openai-compatible, base_url: http://a, endpoints: [{url:"
                + " \"http://b\"}]}]",
            "1:77: pools[0].endpoints: a pool has base_url or endpoints, not both; remove one"),
        mistake(
            "URL of a call",
            "pools: [{id: a, provider: openai-compatible, base_url: http://a/v1/chat/completions}]",
            "1:56: pools[0].base_url: is the URL of one call; end it before \"/chat/completions\" or"
                + " the like"),
        mistake(
            "endpoint of a simulation",
            "pools: [{id: a, provider: simulated, base_url: http://a}]",
            "1:48: pools[0].base_url: a simulated pool calls nobody; remove it"),
        mistake(
            "simulation of an endpoint",
            "pools: [{id: a, provider: openai-compatible, base_url: http://a, simulation: {}}]",
            "1:78: pools[0].simulation: is for pools with \"provider: simulated\"; remove it"),
        mistake(
            "timeout above the total",
            "pools: [{id: a, provider: simulated, timeouts: {total: PT1M, idle: PT2M}}]",
            "1:68: pools[0].timeouts.idle: is longer than the whole call may take (PT1M); shorten"
                + " it or raise timeouts.total"),
        mistake(
            "pool that cannot be called",
            "pools: [{id: a, provider: simulated, speaks: [models]}]",
            "1:46: pools[0].speaks: names nothing that could be called; add chat or messages"),
        mistake(
            "dialect that its provider does not speak",
            "pools: [{id: a, provider: anthropic, speaks: [messages, chat]}]",
            "1:57: pools[0].speaks[1]: is not spoken by a pool with \"provider: anthropic\", but"
                + " translated; remove it"),
        mistake(
            "unknown pool",
            "pools: [{id: gpu, provider: simulated}]\nmodels: [{id: a, routes: [{pool: gpuu, model:"
                + " m}]}]",
            "2:34: models[0].routes[0].pool: there is no pool \"gpuu\"; did you mean \"gpu\"?"),
        mistake(
            "unknown pool of a fallback",
            "pools: [{id: gpu, provider: simulated}]\nmodels: [{id: a, routes: [{pool: gpu, model:"
                + " m}], fallback: [{pool: x, model: m}]}]",
            "2:69: models[0].fallback[0].pool: there is no pool \"x\"; pools here: gpu"),
        mistake(
            "all weights zero",
            "pools: [{id: s, provider: simulated}]\nmodels: [{id: a, routes: [{pool: s, model: m,"
                + " weight: 0}]}]",
            "2:26: models[0].routes: every weight is 0, so no job could run; raise one above 0"),
        mistake(
            "route twice",
            "pools: [{id: s, provider: simulated}]\nmodels:\n- id: a\n  routes:\n"
                + "  - {pool: s, model: m}\n  - {pool: s, model: m}",
            "6:22: models[0].routes[1].model: is already a route in line 5; keep one of them"),
        mistake(
            "unknown pool of a shadow",
            "pools: [{id: gpu, provider: simulated}]\nmodels: [{id: a, routes: [{pool: gpu, model:"
                + " m}], shadow: [{pool: x, model: m}]}]",
            "2:67: models[0].shadow[0].pool: there is no pool \"x\"; pools here: gpu"),
        mistake(
            "shadow twice",
            "pools: [{id: s, provider: simulated}]\nmodels:\n- id: a\n  routes: [{pool: s, model: m}]"
                + "\n  shadow:\n  - {pool: s, model: n}\n  - {pool: s, model: n}",
            "7:22: models[0].shadow[1].model: is already a shadow in line 6; keep one of them"),
        mistake(
            "tenant twice",
            "tenants:\n- {id: a}\n- {id: a}",
            "3:8: tenants[1].id: the tenant \"a\" is already in line 2; give each its own id"),
        mistake(
            "secret of two keys",
            "tenants:\n- {id: a, keys: [{id: k, secret: \"${env:A}\"}]}\n"
                + "- {id: b, keys: [{id: k, secret: \"${env:A}\"}]}",
            "3:34: tenants[1].keys[0].secret: is already the secret of the key in line 2; a caller"
                + " could be either, so give each its own"),
        mistake(
            "secret in the file",
            "tenants: [{id: a, keys: [{id: k, secret: sk-hunter2}]}]",
            "1:42: tenants[0].keys[0].secret: a secret must not stand in the file; put it into an"
                + " environment variable and write \"${env:NAME}\", or into a file and write"
                + " \"${file:/path}\""),
        mistake(
            "price twice",
            "pools: [{id: s, provider: simulated}]\nprices:\n"
                + "- {pool: s, model: m, from: 2026-01-01, input: 1}\n"
                + "- {pool: s, model: m, from: 2026-01-01T00:00:00Z, input: 2}",
            "4:20: prices[1].model: has a price from the same day in line 3; keep one of them"),
        mistake(
            "price of nothing",
            "pools: [{id: s, provider: simulated}]\nprices: [{pool: s, model: m, from:"
                + " 2026-01-01}]",
            "2:10: prices[0]: prices nothing; add at least input and output, USD per million"
                + " tokens"),
        mistake(
            "price of an unknown pool",
            "prices: [{pool: s, model: m, from: 2026-01-01, input: 1}]",
            "1:17: prices[0].pool: there is no pool \"s\"; there are no pools"),
        mistake(
            "misspelt Kafka property",
            "server: {kafka: {securty.protocol: SSL}}",
            "1:36: server.kafka.securty.protocol: no property of Kafka's clients; did you mean"
                + " \"security.protocol\"?"),
        mistake(
            "Kafka property that is Sluice's",
            "server:\n  kafka:\n    isolation: {level: read_uncommitted}",
            "3:24: server.kafka.isolation.level: Sluice sets this itself, for it rests on it;"
                + " remove it"),
        mistake(
            "Kafka password in the file",
            "server: {kafka: {ssl.keystore.password: hunter2}}",
            "1:41: server.kafka.ssl.keystore.password: a secret must not stand in the file; write"
                + " ${env:NAME} or ${file:/path} in its place"),
        mistake(
            "JAAS password in the file",
            "server: {kafka: {sasl.jaas.config: 'X required password=\"hunter2\";'}}",
            "1:36: server.kafka.sasl.jaas.config: a secret must not stand in the file; write"
                + " ${env:NAME} or ${file:/path} in its place"),
        mistake(
            "registry settings without a registry",
            "server: {registry: {user: a, password: \"${env:P}\"}}",
            "1:27: server.registry.user: has no effect without registry.urls; add it, or remove"
                + " this",
            "1:40: server.registry.password: has no effect without registry.urls; add it, or"
                + " remove this"),
        mistake(
            "half a credential",
            "server: {registry: {urls: [\"http://r\"], user: a}}",
            "1:47: server.registry.user: needs registry.password beside it"),
        mistake(
            "two credentials",
            "server: {registry: {urls: [\"http://r\"], user: a, password: \"${env:P}\", token:"
                + " \"${env:T}\"}}",
            "1:79: server.registry.token: the registry takes a token or a user with a password;"
                + " remove one"),
        mistake(
            "settings of a bucket without one",
            "server: {blobs: {s3: {prefix: a}}}",
            "1:31: server.blobs.s3.prefix: has no effect without blobs.s3.bucket; add it, or remove"
                + " this"),
        mistake(
            "a folder and a bucket, and half a key",
            "server: {blobs: {folder: b, s3: {bucket: abc, access_key_id: \"${env:A}\"}}}",
            "1:26: server.blobs.folder: blobs are in a folder or in a bucket; remove blobs.folder"
                + " or blobs.s3",
            "1:62: server.blobs.s3.access_key_id: needs blobs.s3.secret_access_key beside it"),
        mistake(
            "same port twice",
            "server: {port: 9090}",
            "1:16: server.port: port and admin_port are both 9090; give them different ones"),
        mistake(
            "setting of the brokers",
            "server: {topics: {min_in_sync_replicas: 2}}",
            "1:19: server.topics.min_in_sync_replicas: is not enforced by this version"
                + " (min.insync.replicas of the brokers applies); remove it"));
  }

  private static Arguments mistake(String name, String yaml, String... expected) {
    return Arguments.argumentSet(name, yaml, List.of(expected));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhatIsWrongWhereAndWhatToDo(String yaml, List<String> expected) throws IOException {
    assertEquals(expected, LoadedFile.problems(folder, yaml));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void repeatsNoSecret(String yaml, List<String> expected) throws IOException {
    assertFalse(LoadedFile.problems(folder, yaml).toString().contains("hunter2"), yaml);
    assertFalse(expected.isEmpty());
  }

  @Test
  void reportsAllProblemsTogetherInTheOrderOfTheFile() throws IOException {
    String yaml =
        """
        server: {prot: 1}
        tenants:
          - id: "a b"
            max_attempts: 40
        pools:
          - {id: p, provider: simulated, concurency: 5}
        models:
          - id: m
            routes: [{pool: q, model: m}]
        """;

    List<String> problems = LoadedFile.problems(folder, yaml);

    assertEquals(
        List.of("1:10", "3:9", "4:19", "6:34", "9:21"),
        problems.stream().map(problem -> problem.substring(0, problem.indexOf(": "))).toList());
  }

  @Test
  void saysWhyAFileCannotBeRead() throws IOException {
    Path missing = folder.resolve("none.yaml");
    Path binary = folder.resolve("binary.yaml");
    Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    assertEquals(
        List.of(missing + ": file: does not exist; check the name after -c"), report(missing));
    assertEquals(
        List.of(folder + ": file: is a folder; name a readable file after -c"), report(folder));
    assertEquals(List.of(binary + ": file: is not UTF-8 text; save it as UTF-8"), report(binary));
  }

  @Test
  void acceptsAnEmptyFile() throws IOException {
    assertEquals(List.of(), LoadedFile.problems(folder, ""));
    assertEquals(List.of(), LoadedFile.problems(folder, "# nothing yet\n"));
  }

  @Test
  void notesWhatIsWorthKnowingOfAGoodFile() throws IOException {
    String yaml =
        """
        server: {public_url: https://a.example, callbacks: {allow: [10.0.0.0/8]}}
        tenants: [{id: a, keys: [{id: k, secret: "${env:NOT_SET}"}]}]
        pools: [{id: s, provider: simulated}]
        models: [{id: m, routes: [{pool: s, model: n}]}]
        prices: [{pool: s, model: other, from: 2026-01-01, input: 1}]
        """;
    Path file = folder.resolve("sluice.yaml");
    Files.writeString(file, yaml);

    ConfigCheck.Report report = ConfigCheck.check(file, SecretSource.of(Map.of()));

    assertTrue(report.good());
    assertEquals(
        List.of(
            "2:42: tenants[0].keys[0].secret: environment variable NOT_SET is not set; set it"
                + " before the start",
            "4:44: models[0].routes[0].model: has no price, so its cost rows will say unpriced;"
                + " add one below prices",
            "5:27: prices[0].model: no route sends \"other\" to this pool, so the price is not"
                + " used; check the name"),
        LoadedFile.shortened(folder, report.notes()));
  }

  @Test
  void thePriceOfAShadowIsUsed() throws Exception {
    String yaml =
        """
        pools: [{id: s, provider: simulated}]
        models:
          - {id: m, routes: [{pool: s, model: n}], shadow: [{pool: s, model: o}, {pool: s, model: p}]}
        prices:
          - {pool: s, model: n, from: 2026-01-01, input: 1}
          - {pool: s, model: o, from: 2026-01-01, input: 1}
        """;
    Path file = folder.resolve("sluice.yaml");
    Files.writeString(file, yaml);

    ConfigCheck.Report report = ConfigCheck.check(file, SecretSource.of(Map.of()));

    assertEquals(
        List.of(
            "3:91: models[0].shadow[1].model: has no price, so its cost rows will say unpriced;"
                + " add one below prices"),
        LoadedFile.shortened(folder, report.notes()));
  }

  private static List<String> report(Path file) {
    return ConfigCheck.check(file).problems().stream().map(Problem::toString).toList();
  }
}
