package dev.sluice.bench.mock;

import dev.sluice.bench.mock.MockConnection.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An OpenAI-compatible provider that costs microseconds: one thread, one selector, ready-made
/// answers. `GET /control?delay=50` sets milliseconds before each answer, `?hold=true` keeps
/// answers back until `?hold=false`, `?events=1000&over=500` makes later streams so many events
/// long and spreads them over so many milliseconds, `GET /count` tells how many calls there were.
public final class MockProvider implements AutoCloseable {
  private static final Pattern DELAY = Pattern.compile("delay=(\\d+)");
  private static final Pattern STREAM = Pattern.compile("events=(\\d+)&over=(\\d+)");
  private static final Pattern HOLD = Pattern.compile("hold=(true|false)");

  private final Selector selector = Selector.open();
  private final ServerSocketChannel server = ServerSocketChannel.open();
  private final Queue<Due> due = new ArrayDeque<>();
  private final List<PacedStream> paced = new ArrayList<>();
  private final Thread thread;
  private long delayNanos;
  private boolean hold;
  private ByteBuffer stream = MockAnswers.stream();
  private long streamNanos;
  private long count;

  private record Due(MockConnection connection, boolean stream, long atNanos) {}

  public MockProvider(int port) throws IOException {
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    server.configureBlocking(false);
    server.register(selector, SelectionKey.OP_ACCEPT);
    thread = Thread.ofPlatform().name("mock-provider").start(this::serve);
  }

  public int port() throws IOException {
    return ((InetSocketAddress) server.getLocalAddress()).getPort();
  }

  /// Waits until it is closed.
  public void await() throws InterruptedException {
    thread.join();
  }

  private void serve() {
    try {
      while (server.isOpen()) {
        selector.select(this::ready, millisUntilNext());
        answerDue();
        sendPaced();
      }
    } catch (IOException e) {
      throw new IllegalStateException("mock provider broke", e);
    }
  }

  private long millisUntilNext() {
    if (!paced.isEmpty()) {
      return 1;
    }
    Due next = due.peek();
    if (hold || next == null) {
      return TimeUnit.SECONDS.toMillis(1);
    }
    long left = next.atNanos - System.nanoTime();
    return Math.max(1, (left + 999_999) / 1_000_000);
  }

  private void answerDue() throws IOException {
    while (!hold && !due.isEmpty() && due.element().atNanos - System.nanoTime() <= 0) {
      Due next = due.remove();
      try {
        answer(next.connection, next.stream);
      } catch (IOException e) {
        next.connection.close();
      }
    }
  }

  private void answer(MockConnection connection, boolean streamed) throws IOException {
    if (streamed && streamNanos > 0) {
      paced.add(new PacedStream(connection, stream.duplicate(), System.nanoTime(), streamNanos));
    } else {
      connection.answer(streamed ? stream.duplicate() : MockAnswers.plain());
    }
  }

  private void sendPaced() throws IOException {
    long now = System.nanoTime();
    for (PacedStream one : List.copyOf(paced)) {
      try {
        if (one.send(now)) {
          paced.remove(one);
        }
      } catch (IOException e) {
        paced.remove(one);
        one.close();
      }
    }
  }

  private void ready(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        accept();
        return;
      }
      MockConnection connection = (MockConnection) key.attachment();
      try {
        if (key.isWritable()) {
          connection.flush();
        }
        if (key.isReadable()) {
          read(connection);
        }
      } catch (IOException e) {
        connection.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("mock provider broke", e);
    }
  }

  private void accept() throws IOException {
    SocketChannel channel = server.accept();
    if (channel != null) {
      channel.configureBlocking(false);
      channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      key.attach(new MockConnection(channel, key));
    }
  }

  private void read(MockConnection connection) throws IOException {
    if (!connection.fill()) {
      connection.close();
      return;
    }
    for (Optional<Request> next = connection.next(); next.isPresent(); next = connection.next()) {
      take(connection, next.get());
    }
  }

  private void take(MockConnection connection, Request request) throws IOException {
    if (request.path().startsWith("/control")) {
      control(request.path());
      connection.answer(MockAnswers.noContent());
    } else if (request.path().startsWith("/count")) {
      connection.answer(MockAnswers.number(count));
    } else {
      count++;
      if (delayNanos == 0 && !hold) {
        answer(connection, request.stream());
      } else {
        due.add(new Due(connection, request.stream(), System.nanoTime() + delayNanos));
      }
    }
  }

  private void control(String path) {
    Matcher delay = DELAY.matcher(path);
    if (delay.find()) {
      delayNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(delay.group(1)));
    }
    Matcher streamed = STREAM.matcher(path);
    if (streamed.find()) {
      stream = MockAnswers.stream(Integer.parseInt(streamed.group(1)));
      streamNanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(streamed.group(2)));
    }
    Matcher held = HOLD.matcher(path);
    if (held.find()) {
      hold = Boolean.parseBoolean(held.group(1));
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    selector.wakeup();
  }
}
