package dev.sluice.metering;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/// The name under which this state folder is a member of the group, kept in the folder. A process
/// that comes back after `kill -9` is the same member and gets its partitions at once, where a new
/// one would wait until the session of the dead one has ended. Kafka Streams locks the folder, so
/// no two living processes bear one name.
final class InstanceId {
  private static final String FILE = "instance-id";

  private InstanceId() {}

  static String in(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      Files.createDirectories(folder);
      if (Files.exists(file)) {
        String known = Files.readString(file).strip();
        if (!known.isEmpty()) {
          return known;
        }
      }
      String fresh = UUID.randomUUID().toString();
      Files.writeString(file, fresh);
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep the instance id in " + file, e);
    }
  }
}
