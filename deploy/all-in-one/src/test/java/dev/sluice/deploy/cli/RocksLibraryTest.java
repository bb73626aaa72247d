package dev.sluice.deploy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed leaves nothing of RocksDB's library behind.
class RocksLibraryTest {
  @Test
  void theLibraryIsThereAndItsFileIsNot(@TempDir File temporary) throws Exception {
    Process loads =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                Loads.class.getName())
            .redirectErrorStream(true)
            .start();

    String said = new String(loads.getInputStream().readAllBytes(), UTF_8).strip();

    assertTrue(loads.waitFor(30, TimeUnit.SECONDS));
    assertTrue(said.endsWith("loaded"), said);
    assertEquals(0, Objects.requireNonNull(temporary.list()).length);
  }

  /// Uses RocksDB and ends without a word to it.
  static final class Loads {
    public static void main(String[] args) {
      RocksLibrary.load();
      org.rocksdb.RocksDB.loadLibrary();
      try (org.rocksdb.Options options = new org.rocksdb.Options()) {
        System.out.println(options.createIfMissing() ? "odd" : "loaded");
      }
      Runtime.getRuntime().halt(0);
    }
  }
}
