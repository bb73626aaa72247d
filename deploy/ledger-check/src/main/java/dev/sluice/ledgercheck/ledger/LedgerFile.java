package dev.sluice.ledgercheck.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.databind.json.JsonMapper;

/// An append-only file of JSON lines. A line is on its way to disk before `append` returns, and on
/// disk before `appendForced` does; lines forced by several threads at once share one force.
///
/// Safe for any number of threads.
public final class LedgerFile implements AutoCloseable {
  private final JsonMapper json = new JsonMapper();
  private final FileChannel channel;
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock forcing = new ReentrantLock();
  private long written;
  private volatile long forced;

  public LedgerFile(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /// Hands the line to the operating system.
  public void append(Object line) {
    write(line);
  }

  /// Puts the line on disk.
  public void appendForced(Object line) {
    long mine = write(line);
    forcing.lock();
    try {
      if (forced >= mine) {
        return;
      }
      long reached = writtenSoFar();
      channel.force(false);
      forced = reached;
    } catch (IOException e) {
      throw new UncheckedIOException("a ledger cannot be forced to disk", e);
    } finally {
      forcing.unlock();
    }
  }

  private long writtenSoFar() {
    writing.lock();
    try {
      return written;
    } finally {
      writing.unlock();
    }
  }

  private long write(Object line) {
    String text = json.writeValueAsString(line) + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    writing.lock();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      return ++written;
    } catch (IOException e) {
      throw new UncheckedIOException("a ledger cannot be written", e);
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
