package dev.sluice.ingress.blob;

import dev.sluice.ingress.blob.BlobStoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// Blobs as files of a folder, which all ingresses share. A blob is written under another name and
/// moved when it is complete, so a crash leaves no half blob behind its key.
public final class FolderBlobs implements BlobStore {
  private static final String UNFINISHED = ".part";

  private final Path folder;
  private final LongSupplier nanos;

  public FolderBlobs(Path folder) {
    this(folder, System::nanoTime);
  }

  FolderBlobs(Path folder, LongSupplier nanos) {
    this.folder = folder;
    this.nanos = nanos;
  }

  @Override
  public BlobWriter create(String key) throws IOException {
    Path target = path(key);
    Path unfinished = target.resolveSibling(target.getFileName() + UNFINISHED);
    try {
      Files.createDirectories(target.resolveSibling("."));
      FileChannel channel =
          FileChannel.open(
              unfinished,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING);
      return new Writer(channel, unfinished, target, WriteTime.begin(nanos));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private static BlobStoreException failure(IOException cause) {
    return new BlobStoreException(
        Kind.UNREACHABLE, "the folder of blobs cannot be used now", cause);
  }

  @Override
  public InputStream open(String key, long from) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(path(key), StandardOpenOption.READ);
    } catch (NoSuchFileException _) {
      throw new NoSuchFileException(key);
    } catch (IOException e) {
      throw failure(e);
    }
    try {
      channel.position(from);
      return Channels.newInputStream(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void delete(String key) throws IOException {
    try {
      Files.deleteIfExists(path(key));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  @Override
  public List<StoredBlob> list(String after, int most) throws IOException {
    List<StoredBlob> found = new ArrayList<>();
    try {
      if (Files.isDirectory(folder)) {
        collect(folder, "", after, most, found);
      }
    } catch (IOException e) {
      throw failure(e);
    }
    return found;
  }

  /// @param prefix of the keys in this folder; empty, or with a slash at its end
  private static void collect(
      Path folder, String prefix, String after, int most, List<StoredBlob> found)
      throws IOException {
    for (String name : names(folder)) {
      if (found.size() == most) {
        return;
      }
      Path path = folder.resolve(name);
      boolean isFolder = name.endsWith("/");
      String key = prefix + name;
      if (isFolder && (key.compareTo(after) > 0 || after.startsWith(key))) {
        collect(path, key, after, most, found);
      } else if (!isFolder && key.compareTo(after) > 0 && !name.endsWith(UNFINISHED)) {
        add(key, path, found);
      }
    }
  }

  private static void add(String key, Path path, List<StoredBlob> found) throws IOException {
    try {
      found.add(new StoredBlob(key, Files.getLastModifiedTime(path).toInstant()));
    } catch (NoSuchFileException _) {
      // Removed since its name was read.
    }
  }

  /// What is in a folder, in the order of keys; a folder's name ends with a slash.
  private static List<String> names(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries
          .map(path -> path.getFileName() + (Files.isDirectory(path) ? "/" : ""))
          .sorted()
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  @Override
  public int dropUnfinished(Instant before, int most) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    int dropped = 0;
    try (var all = Files.walk(folder)) {
      List<Path> unfinished =
          all.filter(path -> path.toString().endsWith(UNFINISHED)).limit(most).toList();
      for (Path path : unfinished) {
        if (Files.getLastModifiedTime(path).toInstant().isBefore(before)
            && Files.deleteIfExists(path)) {
          dropped++;
        }
      }
    } catch (NoSuchFileException _) {
      // Committed or removed meanwhile; the next time finds the rest.
      return dropped;
    } catch (IOException | java.io.UncheckedIOException e) {
      throw new BlobStoreException(Kind.UNREACHABLE, "the folder of blobs cannot be used now", e);
    }
    return dropped;
  }

  private Path path(String key) {
    return folder.resolve(BlobKey.checked(key));
  }

  @Override
  public void close() {
    // Nothing is held open between calls.
  }

  private static final class Writer implements BlobWriter {
    private final FileChannel channel;
    private final Path unfinished;
    private final Path target;
    private final WriteTime time;
    private long bytes;
    private boolean committed;

    Writer(FileChannel channel, Path unfinished, Path target, WriteTime time) {
      this.channel = channel;
      this.unfinished = unfinished;
      this.target = target;
      this.time = time;
    }

    @Override
    public void write(ByteBuffer buffer) throws IOException {
      try {
        while (buffer.hasRemaining()) {
          bytes += channel.write(buffer);
        }
      } catch (IOException e) {
        throw failure(e);
      }
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void commit() throws IOException {
      time.check();
      try {
        channel.force(true);
        channel.close();
        move();
      } catch (IOException e) {
        throw failure(e);
      }
      committed = true;
    }

    private void move() throws IOException {
      try {
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException _) {
        Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
      if (!committed) {
        Files.deleteIfExists(unfinished);
      }
    }
  }
}
