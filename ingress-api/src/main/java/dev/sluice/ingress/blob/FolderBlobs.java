package dev.sluice.ingress.blob;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Pattern;

/// Blobs as files of a folder, which all ingresses share. A blob is written under another name and
/// moved when it is complete, so a crash leaves no half blob behind its key.
public final class FolderBlobs implements BlobStore {
  private static final Pattern KEY =
      Pattern.compile("[a-z0-9_-][a-z0-9_.-]*(/[a-z0-9_-][a-z0-9_.-]*)*");
  private static final String UNFINISHED = ".part";

  private final Path folder;

  public FolderBlobs(Path folder) {
    this.folder = folder;
  }

  @Override
  public BlobWriter create(String key) throws IOException {
    Path target = path(key);
    Files.createDirectories(target.resolveSibling("."));
    Path unfinished = target.resolveSibling(target.getFileName() + UNFINISHED);
    FileChannel channel =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    return new Writer(channel, unfinished, target);
  }

  @Override
  public InputStream open(String key, long from) throws IOException {
    FileChannel channel = FileChannel.open(path(key), StandardOpenOption.READ);
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
    Files.deleteIfExists(path(key));
  }

  private Path path(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("not a key of a blob");
    }
    return folder.resolve(key);
  }

  private static final class Writer implements BlobWriter {
    private final FileChannel channel;
    private final Path unfinished;
    private final Path target;
    private long bytes;
    private boolean committed;

    Writer(FileChannel channel, Path unfinished, Path target) {
      this.channel = channel;
      this.unfinished = unfinished;
      this.target = target;
    }

    @Override
    public void write(ByteBuffer buffer) throws IOException {
      while (buffer.hasRemaining()) {
        bytes += channel.write(buffer);
      }
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public void commit() throws IOException {
      channel.force(true);
      channel.close();
      try {
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException _) {
        Files.move(unfinished, target, StandardCopyOption.REPLACE_EXISTING);
      }
      committed = true;
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
