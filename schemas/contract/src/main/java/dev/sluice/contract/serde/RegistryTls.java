package dev.sluice.contract.serde;

import dev.sluice.contract.serde.SchemaRegistrySettings.Tls;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls.PemIdentity;
import dev.sluice.contract.serde.SchemaRegistrySettings.Tls.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Makes the TLS context that the settings describe. PEM files are read with the JDK alone.
final class RegistryTls {
  private static final char[] IN_MEMORY = "in-memory".toCharArray();

  /// One file may hold both certificates and key, as Kafka's PEM key stores do.
  private static final Pattern CERTIFICATE =
      Pattern.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", Pattern.DOTALL);

  private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";
  private static final String END_KEY = "-----END PRIVATE KEY-----";

  private RegistryTls() {}

  /// @throws IllegalArgumentException naming the file that cannot be used
  static SSLContext context(Tls tls) {
    try {
      return switch (tls) {
        case Tls.Platform() -> SSLContext.getDefault();
        case Tls.Pem(var trusted, var identity) ->
            context(
                trusted.isPresent() ? trustStore(trusted.get()) : null,
                identity.isPresent() ? keyStore(identity.get()) : null,
                IN_MEMORY);
        case Tls.Stores(var trustStore, var keyStore) ->
            context(
                trustStore.isPresent() ? load(trustStore.get()) : null,
                keyStore.isPresent() ? load(keyStore.get()) : null,
                keyStore.map(Store::password).orElse("").toCharArray());
      };
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException(
          "the schema registry's TLS settings cannot be used: " + tls + ": " + e.getMessage(), e);
    }
  }

  private static SSLContext context(
      @Nullable KeyStore trusted, @Nullable KeyStore identity, char[] keyPassword)
      throws GeneralSecurityException {
    TrustManager @Nullable [] trustManagers = null;
    if (trusted != null) {
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      trustManagers = factory.getTrustManagers();
    }
    KeyManager @Nullable [] keyManagers = null;
    if (identity != null) {
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(identity, keyPassword);
      keyManagers = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers, trustManagers, null);
    return context;
  }

  private static KeyStore load(Store store) throws GeneralSecurityException, IOException {
    return KeyStore.getInstance(store.file().toFile(), store.password().toCharArray());
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, IN_MEMORY);
    return store;
  }

  private static KeyStore trustStore(Path file) throws GeneralSecurityException, IOException {
    KeyStore store = empty();
    int number = 0;
    for (Certificate certificate : certificates(file)) {
      store.setCertificateEntry("trusted-" + number++, certificate);
    }
    return store;
  }

  private static KeyStore keyStore(PemIdentity identity)
      throws GeneralSecurityException, IOException {
    KeyStore store = empty();
    Certificate[] chain = certificates(identity.chain()).toArray(Certificate[]::new);
    store.setKeyEntry("identity", privateKey(identity.key()), IN_MEMORY, chain);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws GeneralSecurityException, IOException {
    String blocks =
        CERTIFICATE
            .matcher(Files.readString(file))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.joining("\n"));
    if (blocks.isEmpty()) {
      throw new CertificateException(file + " holds no certificate");
    }
    try (InputStream in = new ByteArrayInputStream(blocks.getBytes(StandardCharsets.US_ASCII))) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private static PrivateKey privateKey(Path file) throws GeneralSecurityException, IOException {
    String pem = Files.readString(file);
    int begin = pem.indexOf(BEGIN_KEY);
    int end = pem.indexOf(END_KEY);
    if (begin < 0 || end < begin) {
      throw new InvalidKeyException(file + " holds no unencrypted PKCS#8 key");
    }
    byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN_KEY.length(), end));
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      Optional<PrivateKey> key = privateKey(algorithm, der);
      if (key.isPresent()) {
        return key.get();
      }
    }
    throw new InvalidKeyException(file + " holds a key that is neither RSA, EC nor Ed25519");
  }

  /// The encoding does not say its algorithm in a way the JDK shows, so each is tried.
  private static Optional<PrivateKey> privateKey(String algorithm, byte[] der)
      throws GeneralSecurityException {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der)));
    } catch (InvalidKeySpecException _) {
      return Optional.empty();
    }
  }
}
