package dev.sluice.deploy.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.rocksdb.NativeLibraryLoader;

/// RocksDB's native library. Left to itself RocksDB unpacks it to a file of 15 MB among the
/// temporary ones, and each process that is killed, or ends at once as this one does, leaves its.
final class RocksLibrary {
  private static final Logger LOG = LogManager.getLogger(RocksLibrary.class);

  private RocksLibrary() {}

  /// Loads it beside what else a start does; whoever needs it meanwhile waits for it.
  static void loadAside() {
    Thread.ofPlatform().daemon().name("rocksdb-library").start(RocksLibrary::load);
  }

  /// What is loaded stays, its file need not.
  static void load() {
    try {
      Path folder = Files.createTempDirectory("sluice-rocksdb");
      NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
      try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    } catch (IOException | RuntimeException | UnsatisfiedLinkError e) {
      // RocksDB tries for itself when it is needed, and says what is wrong.
      LOG.debug("the library of RocksDB could not be loaded ahead, or its file not be removed", e);
    }
  }
}
