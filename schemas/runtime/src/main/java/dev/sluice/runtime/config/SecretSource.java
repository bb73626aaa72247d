package dev.sluice.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns references into secrets: `${env:NAME}`, `${file:path}`, and `${sluice:name}` for those
/// that this process alone holds (the demo key, `--upstream-key`), which so stay out of the log
/// that carries the policy.
///
/// A file is read anew at each call, so that a rotated secret is seen; its last line break does not
/// belong to it. Safe for use by many threads.
public final class SecretSource {

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(env|file|sluice):([^}]+)}");

  private final Map<String, String> environment;
  private final Map<String, Secret> held;

  private SecretSource(Map<String, String> environment, Map<String, Secret> held) {
    this.environment = environment;
    this.held = Map.copyOf(held);
  }

  /// The environment of this process.
  public static SecretSource system() {
    return new SecretSource(System.getenv(), Map.of());
  }

  /// A given environment.
  public static SecretSource of(Map<String, String> environment) {
    return new SecretSource(Map.copyOf(environment), Map.of());
  }

  /// The same, and a secret that this process holds: `${sluice:name}`.
  public SecretSource with(String name, Secret secret) {
    var more = new HashMap<>(held);
    more.put(name, secret);
    return new SecretSource(environment, more);
  }

  /// Whether a text is exactly one reference.
  public static boolean isReference(String text) {
    return REFERENCE.matcher(text).matches();
  }

  /// The secret behind a reference.
  ///
  /// @throws MissingSecretException when there is none, or the text is not a reference
  public Secret resolve(String reference) {
    Matcher matcher = REFERENCE.matcher(reference);
    if (!matcher.matches()) {
      throw new MissingSecretException("not a reference to a secret; write ${env:NAME}");
    }
    return Secret.of(lookUp(matcher.group(1), matcher.group(2)));
  }

  /// A text with each reference in it replaced, such as a JAAS line that holds a password.
  ///
  /// @throws MissingSecretException when one of them has no secret
  public Secret expand(String text) {
    return Secret.of(
        REFERENCE
            .matcher(text)
            .replaceAll(found -> Matcher.quoteReplacement(lookUp(found.group(1), found.group(2)))));
  }

  private String lookUp(String kind, String name) {
    return switch (kind) {
      case "env" -> fromEnvironment(name);
      case "file" -> fromFile(name);
      default -> fromProcess(name);
    };
  }

  private String fromEnvironment(String name) {
    String value = environment.get(name);
    if (value == null || value.isEmpty()) {
      throw new MissingSecretException(
          "environment variable "
              + name
              + (value == null ? " is not set" : " is empty")
              + "; set it before the start");
    }
    return value;
  }

  private static String fromFile(String name) {
    try {
      String value = Files.readString(Path.of(name)).replaceFirst("\\R\\z", "");
      if (value.isEmpty()) {
        throw new MissingSecretException("file " + name + " is empty; put the secret in it");
      }
      return value;
    } catch (IOException | java.nio.file.InvalidPathException e) {
      throw new MissingSecretException(
          "file "
              + name
              + " cannot be read ("
              + e.getClass().getSimpleName()
              + "); create it, readable for this process");
    }
  }

  private String fromProcess(String name) {
    Secret secret = held.get(name);
    if (secret == null) {
      throw new MissingSecretException(
          "${sluice:"
              + name
              + "} is held only by the `sluice up` that made it; write ${env:NAME} instead");
    }
    return secret.value();
  }
}
