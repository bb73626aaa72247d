package dev.sluice.bench.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Very many callers that each send one request and wait: one thread and one selector for all, so
/// that the crowd costs the machine little. It notes when each caller was told of its job's end.
public final class Crowd implements AutoCloseable {
  private static final String END = "cancelled";
  private static final Pattern JOB = Pattern.compile("job_[0-9a-z]{26}");
  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  private final URI server;
  private final Selector selector = Selector.open();
  private final ByteBuffer scratch = ByteBuffer.allocate(64 * 1024);
  private final List<SocketChannel> callers = new ArrayList<>();
  private final Map<String, Long> toldOf = new ConcurrentHashMap<>();
  private final Queue<Long> told = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  /// What one of them has heard so far. Used by the crowd's thread.
  private static final class Caller {
    final ByteArrayOutputStream heard = new ByteArrayOutputStream(0);
    boolean told;
  }

  /// @param server whose host and port they call
  public Crowd(URI server) throws IOException {
    this.server = server;
    thread = Thread.ofPlatform().name("crowd").daemon().start(this::listen);
  }

  /// Lets so many callers connect and send the same request.
  public void join(int count, byte[] request) throws IOException {
    InetSocketAddress address = new InetSocketAddress(server.getHost(), server.getPort());
    for (int i = 0; i < count; i++) {
      SocketChannel channel = SocketChannel.open(address);
      channel.write(ByteBuffer.wrap(request));
      channel.configureBlocking(false);
      callers.add(channel);
      channel.register(selector.wakeup(), SelectionKey.OP_READ, new Caller());
    }
  }

  /// When each caller that was told was told, nanoseconds of [System#nanoTime()].
  public List<Long> told() {
    return List.copyOf(told);
  }

  /// Waits until so many have been told.
  ///
  /// @return whether they were
  public boolean awaitTold(int count, Duration longest) {
    return await(() -> told.size() >= count, longest);
  }

  /// Waits until the caller of a job is told of its end, and says when that was.
  public OptionalLong awaitToldOf(String job, Duration longest) {
    var _ = await(() -> toldOf.containsKey(job), longest);
    Long at = toldOf.get(job);
    return at == null ? OptionalLong.empty() : OptionalLong.of(at);
  }

  private static boolean await(BooleanSupplier condition, Duration longest) {
    long until = System.nanoTime() + longest.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        return false;
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
    return true;
  }

  private void listen() {
    try {
      while (!closed) {
        selector.select(this::hear, 100);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the crowd broke up", e);
    }
  }

  private void hear(SelectionKey key) {
    Caller caller = (Caller) key.attachment();
    SocketChannel channel = (SocketChannel) key.channel();
    try {
      scratch.clear();
      int count = channel.read(scratch);
      if (count < 0) {
        channel.close();
        return;
      }
      long now = System.nanoTime();
      caller.heard.write(scratch.array(), 0, count);
      String answer = caller.heard.toString(StandardCharsets.UTF_8);
      Matcher job = JOB.matcher(answer);
      if (!caller.told && answer.contains(END) && job.find()) {
        caller.told = true;
        toldOf.put(job.group(), now);
        told.add(now);
      }
    } catch (IOException e) {
      key.cancel();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SocketChannel channel : callers) {
      channel.close();
    }
    selector.close();
  }
}
