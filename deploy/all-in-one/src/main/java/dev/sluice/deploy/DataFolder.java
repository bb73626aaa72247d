package dev.sluice.deploy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// The folder of one Sluice process, held by an operating system lock that ends with the process
/// however it ends: two processes on one log would destroy it.
public final class DataFolder implements AutoCloseable {
  private static final String LOCK_FILE = "sluice.lock";

  private final Path path;
  private final FileChannel channel;
  private final FileLock lock;

  private DataFolder(Path path, FileChannel channel, FileLock lock) {
    this.path = path;
    this.channel = channel;
    this.lock = lock;
  }

  /// Creates the folder where needed and takes it.
  ///
  /// @throws StartFailure when it cannot be written or another process holds it
  public static DataFolder take(Path path) {
    try {
      Files.createDirectories(path);
      FileChannel channel =
          FileChannel.open(
              path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      return new DataFolder(path, channel, lock(path, channel));
    } catch (IOException e) {
      throw new StartFailure(
          "data folder %s cannot be written (%s): give a writable folder with --data"
              .formatted(path.toAbsolutePath(), reason(e)),
          e);
    }
  }

  private static FileLock lock(Path path, FileChannel channel) throws IOException {
    FileLock lock = tryLock(channel);
    if (lock == null) {
      channel.close();
      throw new StartFailure(
          "data folder %s is in use by another Sluice: stop that one, or give another folder with --data"
              .formatted(path.toAbsolutePath()));
    }
    return lock;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static String reason(IOException e) {
    String kind = e.getClass().getSimpleName();
    String trimmed = kind.endsWith("Exception") ? kind.substring(0, kind.length() - 9) : kind;
    return trimmed + ": " + e.getMessage();
  }

  public Path path() {
    return path;
  }

  /// The part of one component, created where needed.
  public Path part(String name) {
    Path part = path.resolve(name);
    try {
      return Files.createDirectories(part);
    } catch (IOException e) {
      throw new StartFailure(
          "data folder %s cannot be written (%s): give a writable folder with --data"
              .formatted(part.toAbsolutePath(), reason(e)),
          e);
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new StartFailure("data folder %s could not be released".formatted(path), e);
    }
  }
}
