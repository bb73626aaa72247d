package dev.sluice.deploy;

import dev.sluice.runtime.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/// The key for signing secrets of a `sluice up` that was given none: made once, beside the log that
/// it protects, readable only for the user. Who loses it rotates the secrets of all endpoints.
final class CallbackKey {
  private static final String FILE = "callback.key";
  private static final int BYTES = 32;

  private CallbackKey() {}

  static Secret of(DataFolder folder) {
    Path file = folder.path().resolve(FILE);
    try {
      if (!Files.exists(file)) {
        create(file);
      }
      return Secret.of(Files.readString(file).strip());
    } catch (IOException e) {
      throw new StartFailure(
          "the key %s cannot be used (%s): make it readable and writable for this user"
              .formatted(file.toAbsolutePath(), e.getClass().getSimpleName()),
          e);
    }
  }

  /// Under another name first: a file of this name is complete.
  private static void create(Path file) throws IOException {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    Path draft = file.resolveSibling(FILE + ".new");
    Files.deleteIfExists(draft);
    Files.createFile(draft, onlyForTheUser(file));
    Files.writeString(draft, Base64.getEncoder().encodeToString(key), StandardOpenOption.WRITE);
    Files.move(draft, file);
  }

  private static FileAttribute<?>[] onlyForTheUser(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
