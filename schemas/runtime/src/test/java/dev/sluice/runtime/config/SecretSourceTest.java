package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretSourceTest {
  private final SecretSource source = SecretSource.of(Map.of("A", "alpha", "EMPTY", ""));

  @TempDir Path folder;

  @Test
  void showsNothingWhenPrinted() {
    Secret secret = Secret.of("sk-live");

    assertEquals("********", secret.toString());
    assertFalse((secret + "" + java.util.List.of(secret)).contains("live"));
    assertTrue(secret.matches("sk-live"));
    assertFalse(secret.matches("sk-liv"));
    assertEquals(secret, Secret.of("sk-live"));
  }

  @Test
  void findsASecretInTheEnvironment() {
    assertEquals("alpha", source.resolve("${env:A}").value());
  }

  @Test
  void findsASecretInAFileWithoutItsLastLineBreakOnly() throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, " beta \n");

    assertEquals(" beta ", source.resolve("${file:" + file + "}").value());
  }

  @Test
  void readsAFileAgainSoThatARotatedSecretIsSeen() throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(file, "old");
    String reference = "${file:" + file + "}";

    assertEquals("old", source.resolve(reference).value());
    Files.writeString(file, "new\r\n");

    assertEquals("new", source.resolve(reference).value());
  }

  @Test
  void findsASecretThatTheProcessHolds() {
    SecretSource holding = source.with("demo-key", Secret.of("gamma"));

    assertEquals("gamma", holding.resolve("${sluice:demo-key}").value());
    assertEquals("alpha", holding.resolve("${env:A}").value());
    assertThrows(MissingSecretException.class, () -> source.resolve("${sluice:demo-key}"));
  }

  @Test
  void replacesReferencesInsideAText() {
    assertEquals(
        "user=\"a\" password=\"alpha\";",
        source.expand("user=\"a\" password=\"${env:A}\";").value());
    assertEquals("no reference", source.expand("no reference").value());
  }

  @Test
  void putsBackASecretThatLooksLikeAReplacement() {
    assertEquals("$1\\", SecretSource.of(Map.of("A", "$1\\")).expand("${env:A}").value());
  }

  @Test
  void saysWhatIsMissingAndWhatToDo() {
    assertEquals(
        "environment variable B is not set; set it before the start", complaint("${env:B}"));
    assertEquals(
        "environment variable EMPTY is empty; set it before the start", complaint("${env:EMPTY}"));
    assertEquals(
        "file /no/such/file cannot be read (NoSuchFileException); create it, readable for this"
            + " process",
        complaint("${file:/no/such/file}"));
  }

  @Test
  void neverRepeatsATextThatIsNoReference() {
    assertFalse(complaint("sk-live-secret").contains("sk-live"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"${env:A}", "${file:/a b/c}", "${sluice:x}"})
  void knowsAReference(String text) {
    assertTrue(SecretSource.isReference(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "$A", "${A}", "${env:}", "x${env:A}", "${env:A}x", "${vault:A}"})
  void knowsWhatIsNoReference(String text) {
    assertFalse(SecretSource.isReference(text));
  }

  private String complaint(String reference) {
    return assertThrows(MissingSecretException.class, () -> source.resolve(reference)).getMessage();
  }
}
