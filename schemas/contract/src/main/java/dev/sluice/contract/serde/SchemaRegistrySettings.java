package dev.sluice.contract.serde;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// How to reach a schema registry, and which classes do it.
///
/// @param urls base addresses of one registry's instances; the next is tried when one is down
/// @param attempts how often a call is tried before it fails, counting the first
/// @param backoff wait before the second attempt; doubles with each further one, with jitter
/// @param autoRegister whether writers register their schemas; where deployment does that, `false`
///   makes them look the id up, and an unknown schema is an error
/// @param registryClass a [SchemaRegistry] with a constructor that takes these settings; empty:
///   [ConfluentSchemaRegistry]
/// @param serde what to use for record values in place of [AvroSerde]
public record SchemaRegistrySettings(
    List<URI> urls,
    Credentials credentials,
    Tls tls,
    Duration connectTimeout,
    Duration requestTimeout,
    int attempts,
    Duration backoff,
    boolean autoRegister,
    Optional<String> registryClass,
    Optional<SerdeClasses> serde) {

  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);
  public static final Duration DEFAULT_REQUEST_TIMEOUT = Duration.ofSeconds(5);
  public static final int DEFAULT_ATTEMPTS = 4;
  public static final Duration DEFAULT_BACKOFF = Duration.ofMillis(100);

  public SchemaRegistrySettings {
    urls = List.copyOf(urls);
    if (urls.isEmpty() && registryClass.isEmpty()) {
      throw new IllegalArgumentException("a schema registry needs at least one URL");
    }
    for (URI url : urls) {
      if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
        throw new IllegalArgumentException(
            "a schema registry's URL begins with http:// or https://: " + url);
      }
    }
    if (attempts < 1) {
      throw new IllegalArgumentException("attempts must be at least 1: " + attempts);
    }
  }

  /// A registry at an address, everything else by default.
  public static SchemaRegistrySettings at(URI... urls) {
    return builder(List.of(urls)).build();
  }

  public static Builder builder(List<URI> urls) {
    return new Builder(urls);
  }

  /// Someone else's Kafka serializer and deserializer, such as Confluent's.
  ///
  /// @param properties passed to both as they are; they win over those that follow from the
  ///   settings (`schema.registry.url`, `auto.register.schemas`, credentials)
  public record SerdeClasses(
      String serializer, String deserializer, Map<String, String> properties) {
    public SerdeClasses {
      properties = Map.copyOf(properties);
    }

    /// Values may be secret.
    @Override
    public String toString() {
      return "SerdeClasses[serializer=%s, deserializer=%s, properties=%s]"
          .formatted(serializer, deserializer, new TreeSet<>(properties.keySet()));
    }
  }

  /// Who we are to the registry.
  public sealed interface Credentials {
    record Anonymous() implements Credentials {}

    record Basic(String user, String password) implements Credentials {
      @Override
      public String toString() {
        return "Basic[user=" + user + "]";
      }
    }

    record Bearer(String token) implements Credentials {
      @Override
      public String toString() {
        return "Bearer[]";
      }
    }
  }

  /// Whom we trust, and the certificate by which we are known.
  public sealed interface Tls {
    /// The JDK's trusted certificates, no certificate of our own.
    record Platform() implements Tls {}

    /// PEM files.
    ///
    /// @param trusted certificates to trust; empty: the JDK's
    /// @param identity our own certificate, for mutual TLS
    record Pem(Optional<Path> trusted, Optional<PemIdentity> identity) implements Tls {}

    /// @param chain our certificate and those that lead to a trusted one
    /// @param key its private key, unencrypted PKCS#8
    record PemIdentity(Path chain, Path key) {}

    /// Key stores of the JDK, PKCS#12 or JKS.
    ///
    /// @param trustStore certificates to trust; empty: the JDK's
    /// @param keyStore our own key and certificate, for mutual TLS
    record Stores(Optional<Store> trustStore, Optional<Store> keyStore) implements Tls {}

    record Store(Path file, String password) {
      @Override
      public String toString() {
        return "Store[file=" + file + "]";
      }
    }
  }

  /// Settings by name; what is not set keeps its default.
  public static final class Builder {
    private final List<URI> urls;
    private Credentials credentials = new Credentials.Anonymous();
    private Tls tls = new Tls.Platform();
    private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
    private Duration requestTimeout = DEFAULT_REQUEST_TIMEOUT;
    private int attempts = DEFAULT_ATTEMPTS;
    private Duration backoff = DEFAULT_BACKOFF;
    private boolean autoRegister = true;
    private Optional<String> registryClass = Optional.empty();
    private Optional<SerdeClasses> serde = Optional.empty();

    private Builder(List<URI> urls) {
      this.urls = urls;
    }

    public Builder credentials(Credentials value) {
      credentials = value;
      return this;
    }

    public Builder tls(Tls value) {
      tls = value;
      return this;
    }

    public Builder connectTimeout(Duration value) {
      connectTimeout = value;
      return this;
    }

    public Builder requestTimeout(Duration value) {
      requestTimeout = value;
      return this;
    }

    public Builder attempts(int value) {
      attempts = value;
      return this;
    }

    public Builder backoff(Duration value) {
      backoff = value;
      return this;
    }

    public Builder autoRegister(boolean value) {
      autoRegister = value;
      return this;
    }

    public Builder registryClass(String value) {
      registryClass = Optional.of(value);
      return this;
    }

    public Builder serde(SerdeClasses value) {
      serde = Optional.of(value);
      return this;
    }

    public SchemaRegistrySettings build() {
      return new SchemaRegistrySettings(
          urls,
          credentials,
          tls,
          connectTimeout,
          requestTimeout,
          attempts,
          backoff,
          autoRegister,
          registryClass,
          serde);
    }
  }
}
