package dev.sluice.deploy.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `sluice rehearse`: calls a Sluice many times, so that the JVM that runs it learns which of its
/// methods are hot. The launcher does this once after a build and keeps what was learnt; without it
/// a new process needs some minutes of traffic until everything is compiled.
@Command(name = "rehearse", hidden = true, description = "Call a Sluice many times, for training.")
final class RehearseCommand implements Callable<Integer> {
  @Mixin private ClientOptions server;

  @Option(names = "--calls", description = "How many calls (default: 6000).")
  private int calls = 6_000;

  @Option(names = "--callers", description = "How many at once (default: 16).")
  private int callers = 16;

  @Option(
      names = "--group",
      description = "Submit jobs of this group and wait for none (default: calls that wait).")
  private @Nullable String group;

  @Override
  public Integer call() throws InterruptedException {
    ObjectNode body = SluiceClient.JSON.createObjectNode().put("model", "demo");
    body.putArray("messages").addObject().put("role", "user").put("content", "hello");
    if (group != null) {
      body.put("group", group);
    }
    String path = group == null ? "v1/chat/completions" : "v1/jobs";
    AtomicInteger left = new AtomicInteger(calls);
    try (SluiceClient client = server.client();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        running.add(
            threads.submit(() -> {
              while (left.getAndDecrement() > 0) {
                client.post(path, body, Map.of());
              }
            }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    } catch (ExecutionException e) {
      throw new CommandFailure(ExitCode.FAILED, "a call failed: " + e.getCause());
    }
    return ExitCode.DONE.number();
  }
}
