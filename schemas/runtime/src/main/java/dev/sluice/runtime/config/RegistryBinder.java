package dev.sluice.runtime.config;

import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import dev.sluice.contract.serde.SchemaRegistrySettings.SerdeClasses;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Makes the settings of the schema registry. For one thread.
final class RegistryBinder {
  private static final String PREFIX = "registry.";
  private static final String SERDE_PROPERTIES = "registry.serde_properties.";

  private final Settings flat;
  private final SecretCheck secrets;
  private final Problems problems;

  RegistryBinder(Settings flat, SecretCheck secrets, Problems problems) {
    this.flat = flat;
    this.secrets = secrets;
    this.problems = problems;
  }

  /// Empty where neither an address nor a client class is given: the built-in registry.
  Optional<SchemaRegistrySettings> bind() {
    List<URI> urls = flat.list("registry.urls").stream().map(entry -> (URI) entry.value()).toList();
    Credentials credentials = credentials();
    Tls tls = tls();
    Optional<SerdeClasses> serde = serde();
    if (urls.isEmpty() && flat.entry("registry.client_class").isEmpty()) {
      reportUseless();
      return Optional.empty();
    }
    SchemaRegistrySettings.Builder settings =
        SchemaRegistrySettings.builder(urls).credentials(credentials).tls(tls);
    flat.span("registry.connect_timeout").ifPresent(settings::connectTimeout);
    flat.span("registry.request_timeout").ifPresent(settings::requestTimeout);
    flat.entry("registry.attempts").map(Entry::whole).ifPresent(settings::attempts);
    flat.entry("registry.auto_register")
        .map(entry -> (Boolean) entry.value())
        .ifPresent(settings::autoRegister);
    flat.text("registry.client_class").ifPresent(settings::registryClass);
    serde.ifPresent(settings::serde);
    return Optional.of(settings.build());
  }

  private Credentials credentials() {
    Optional<Entry> user = flat.entry("registry.user");
    Optional<Entry> password = flat.entry("registry.password");
    Optional<Entry> token = flat.entry("registry.token");
    if (token.isPresent() && user.isPresent()) {
      add(token.get(), "the registry takes a token or a user with a password; remove one");
    }
    user.filter(_ -> password.isEmpty())
        .ifPresent(entry -> add(entry, "needs registry.password beside it"));
    password
        .filter(_ -> user.isEmpty())
        .ifPresent(entry -> add(entry, "needs registry.user beside it"));
    if (token.isPresent()) {
      return new Credentials.Bearer(secrets.ofServer(token.get()).value());
    }
    return user.isPresent() && password.isPresent()
        ? new Credentials.Basic(user.get().text(), secrets.ofServer(password.get()).value())
        : new Credentials.Anonymous();
  }

  private Tls tls() {
    Optional<Path> trusted = flat.text("registry.tls.trusted").map(Path::of);
    Optional<Entry> chain = flat.entry("registry.tls.certificate");
    Optional<Entry> key = flat.entry("registry.tls.key");
    chain
        .filter(_ -> key.isEmpty())
        .ifPresent(entry -> add(entry, "needs registry.tls.key beside it"));
    key.filter(_ -> chain.isEmpty())
        .ifPresent(entry -> add(entry, "needs registry.tls.certificate beside it"));
    Optional<Tls.PemIdentity> identity =
        chain.flatMap(c -> key.map(k -> new Tls.PemIdentity(Path.of(c.text()), Path.of(k.text()))));
    return trusted.isEmpty() && identity.isEmpty()
        ? new Tls.Platform()
        : new Tls.Pem(trusted, identity);
  }

  private Optional<SerdeClasses> serde() {
    Optional<Entry> serializer = flat.entry("registry.serializer_class");
    Optional<Entry> deserializer = flat.entry("registry.deserializer_class");
    serializer
        .filter(_ -> deserializer.isEmpty())
        .ifPresent(entry -> add(entry, "needs registry.deserializer_class beside it"));
    deserializer
        .filter(_ -> serializer.isEmpty())
        .ifPresent(entry -> add(entry, "needs registry.serializer_class beside it"));
    Map<String, String> properties = serdeProperties();
    return serializer.flatMap(
        s -> deserializer.map(d -> new SerdeClasses(s.text(), d.text(), properties)));
  }

  private Map<String, String> serdeProperties() {
    var properties = new LinkedHashMap<String, String>();
    flat.entries()
        .forEach((path, entry) -> {
          if (path.startsWith(SERDE_PROPERTIES)) {
            String name = path.substring(SERDE_PROPERTIES.length());
            ClientProperties.literalSecret(name, entry.text())
                .ifPresentOrElse(
                    complaint -> add(entry, complaint),
                    () -> properties.put(name, secrets.ofServer(entry).value()));
          }
        });
    return properties;
  }

  /// A setting of a registry that is not named would silently do nothing.
  private void reportUseless() {
    flat.entries()
        .forEach((path, entry) -> {
          if (path.startsWith(PREFIX)) {
            add(entry, "has no effect without registry.urls; add it, or remove this");
          }
        });
  }

  private void add(Entry entry, String text) {
    problems.add(entry.where(), entry.path(), text);
  }
}
