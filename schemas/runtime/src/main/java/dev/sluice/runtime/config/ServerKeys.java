package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Shape.section;

import dev.sluice.runtime.config.ServerConfig.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The keys of `server:`, and the variable of the environment that overrides each.
final class ServerKeys {
  static final Shape.Text NAME = new Shape.Text("\\S+", "text without spaces");
  private static final Shape.Whole PORT = new Shape.Whole(0, 65_535);
  private static final Shape.Whole COUNT = new Shape.Whole(1, 4_096);
  private static final Shape.Whole REPLICAS = new Shape.Whole(1, 32_767);

  private static final Shape.Open KAFKA =
      new Shape.Open(
          List.of(
              optional(
                  "bootstrap_servers",
                  new Shape.Text(
                      "[^\\s,]+:\\d{1,5}(,\\s*[^\\s,]+:\\d{1,5})*", "host:port, or several"),
                  "127.0.0.1:9092",
                  "Brokers to begin with, `host:port`, separated by commas.")));

  private static final Shape.Section TLS =
      section(
          optional("trusted", NAME, "the JDK's", "PEM file of the certificates to trust."),
          optional("certificate", NAME, "PEM file of our own certificate chain, for mutual TLS."),
          optional("key", NAME, "PEM file of its private key, unencrypted PKCS#8."));

  private static final Shape.Section REGISTRY =
      section(
          optional(
              "urls",
              new Shape.Many(new Shape.Url(), 1),
              "the built-in registry",
              "Addresses of a schema registry that speaks Confluent's protocol; the next is tried"
                  + " when one is down."),
          optional("user", NAME, "User of basic authentication."),
          optional("password", new Shape.Reference(), "Its password."),
          optional("token", new Shape.Reference(), "Token of bearer authentication."),
          optional("tls", TLS, "How TLS to the registry is done."),
          optional(
              "connect_timeout",
              new Shape.Span(Duration.ofMillis(10), Duration.ofMinutes(5)),
              "PT2S",
              "Longest wait for a connection."),
          optional(
              "request_timeout",
              new Shape.Span(Duration.ofMillis(10), Duration.ofMinutes(5)),
              "PT5S",
              "Longest wait for an answer."),
          optional(
              "attempts", new Shape.Whole(1, 100), "4", "Tries of one call, the first included."),
          optional(
              "auto_register",
              new Shape.Flag(),
              "true",
              "Whether writers register their schemas; `false` where deployment does that."),
          optional(
              "client_class",
              NAME,
              "Sluice's own",
              "A `SchemaRegistry` to use instead, by class name."),
          optional(
              "serializer_class",
              NAME,
              "Sluice's own",
              "A Kafka serializer of Avro values to use instead, such as Confluent's."),
          optional(
              "deserializer_class", NAME, "Sluice's own", "The deserializer that belongs to it."),
          optional(
              "serde_properties",
              new Shape.Open(List.of()),
              "Properties passed to both as they are."));

  private static final Shape.Section TOPICS =
      new Shape.Section(
          List.of(
              optional(
                  "partitions",
                  section(
                      optional(
                          "router",
                          COUNT,
                          "1",
                          "Of `sluice.jobs.*`, `sluice.commands` and `sluice.batches`."),
                      optional("reply", COUNT, "1", "Of `sluice.events` and `sluice.results`."),
                      optional("metering", COUNT, "1", "Of `sluice.ledger` and `sluice.costs`.")),
                  "Partitions of the topics that Sluice creates. Those of a topic that exists are"
                      + " not changed."),
              optional(
                  "replication_factor",
                  REPLICAS,
                  "the broker's own default",
                  "Copies of each partition. Use 3 in production.")),
          Map.of("min_in_sync_replicas", "min.insync.replicas of the brokers applies"));

  static final Shape.Section SECTION =
      new Shape.Section(
          List.of(
              optional(
                  "host",
                  NAME,
                  "127.0.0.1",
                  "Address that HTTP and the embedded broker listen on."),
              optional("port", PORT, "8080", "HTTP port; 0 picks a free one."),
              optional(
                  "admin_host",
                  NAME,
                  "127.0.0.1",
                  "Address of health, metrics and admin; off loopback it asks for a credential."),
              optional(
                  "admin_port",
                  PORT,
                  "9090",
                  "Port of health, metrics and admin; 0 picks a free one."),
              optional(
                  "kafka_port",
                  PORT,
                  "9092",
                  "Port of the embedded broker of `sluice up`; 0 picks a free one."),
              optional(
                  "public_url",
                  new Shape.Url(),
                  "the request's Host",
                  "How callers reach this Sluice; URLs in answers begin with it."),
              optional(
                  "data",
                  new Shape.Text("[^\\x00]+", "a folder"),
                  ".sluice",
                  "Folder of everything this process keeps on disk."),
              optional(
                  "kafka",
                  KAFKA,
                  "Where Kafka is; every other key is a property of Kafka's own clients, such as"
                      + " `security.protocol`, and is passed to them. `sluice up` has a broker of"
                      + " its own and uses none of this."),
              optional("registry", REGISTRY, "The schema registry."),
              optional("topics", TOPICS, "How missing topics are created."),
              optional(
                  "limits",
                  section(
                      optional(
                          "body_bytes",
                          new Shape.Whole(1_024, Limits.MAX_BODY_BYTES),
                          "4128768",
                          "Largest request body, bytes; a larger one gets 413."),
                      optional(
                          "header_bytes",
                          new Shape.Whole(1_024, 1_048_576),
                          "32768",
                          "Largest request head, bytes; a larger one gets 431."),
                      optional(
                          "connections",
                          new Shape.Whole(1, 1_000_000),
                          "20000",
                          "HTTP connections open at once."),
                      optional(
                          "file_bytes",
                          new Shape.Whole(1_024, Integer.MAX_VALUE),
                          "1073741824",
                          "Largest file, and largest batch given in one request, bytes.")),
                  "Bounds of the HTTP port."),
              optional(
                  "timeouts",
                  section(
                      optional(
                          "call",
                          new Shape.Span(Duration.ofSeconds(1), Duration.ofDays(7)),
                          "PT10M",
                          "Deadline of a waiting call that names none; then 504."),
                      optional(
                          "admission",
                          new Shape.Span(Duration.ofMillis(100), Duration.ofMinutes(1)),
                          "PT5S",
                          "Longest wait for the router's word on a submission."),
                      optional(
                          "abandoned",
                          new Shape.Span(Duration.ZERO, Duration.ofHours(1)),
                          "PT30S",
                          "How long a job outlives the caller that waited for it."),
                      optional(
                          "drain",
                          new Shape.Span(Duration.ZERO, Duration.ofHours(1)),
                          "PT30S",
                          "Longest wait for running work when the process is told to stop.")),
                  "How long Sluice itself waits."),
              optional(
                  "retention",
                  new Shape.Section(
                      List.of(
                          optional(
                              "results",
                              new Shape.Span(Duration.ofMinutes(1), Duration.ofDays(30)),
                              "P30D",
                              "How long a finished job can be read."),
                          optional(
                              "idempotency",
                              new Shape.Span(Duration.ofMinutes(1), Duration.ofDays(30)),
                              "PT24H",
                              "How long an idempotency key names the first job that was sent with"
                                  + " it; at most `results`.")),
                      Map.of()),
                  "How long finished things are kept."),
              optional(
                  "callbacks",
                  section(
                      optional(
                          "allow",
                          new Shape.Many(new Shape.Network(), 0),
                          "none",
                          "Networks (CIDR) inside which a callback may use http and any port."),
                      optional(
                          "secret_key",
                          new Shape.Reference(),
                          "`sluice up` makes one in its data folder",
                          "Encrypts the signing secrets of callbacks in the log. Every ingress needs"
                              + " the same one; without it a single service sends no callbacks.")),
                  "How callbacks are sent."),
              optional("blobs", BlobKeys.SECTION, "Where the bytes of files and batches are.")),
          Map.of("tls", "HTTP would be served without TLS; put a TLS proxy in front"));

  private ServerKeys() {}

  /// Every single value, by its path below `server`.
  static Map<String, Key> leaves() {
    var all = new LinkedHashMap<String, Key>();
    collect("", SECTION.keys(), all);
    return all;
  }

  private static void collect(String prefix, List<Key> keys, Map<String, Key> all) {
    for (Key key : keys) {
      String path = prefix + key.name();
      switch (key.shape()) {
        case Shape.Section(List<Key> inner, _) -> collect(path + ".", inner, all);
        case Shape.Open(List<Key> inner) -> collect(path + ".", new ArrayList<>(inner), all);
        case Shape.Many _, Shape.Scalar _ -> all.put(path, key);
      }
    }
  }

  /// The variable that overrides a value.
  static String variable(String path) {
    return path.equals("callbacks.allow")
        ? "SLUICE_CALLBACK_ALLOW"
        : "SLUICE_" + path.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  /// The option of the command line that overrides a value.
  static String option(String path) {
    return "--" + path.replace('.', '-').replace('_', '-');
  }
}
