package dev.sluice.bench.story;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.process.MockProcess;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.story.Story.Death;
import dev.sluice.bench.story.Story.Phase;
import dev.sluice.bench.story.Story.Traffic;
import dev.sluice.bench.story.StoryClient.Sent;
import dev.sluice.bench.story.StoryClient.Told;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/// Tells a story on a whole Sluice: its providers are processes that are killed and come back, its
/// traffic is sent on schedule whatever is answered, and afterwards Sluice is asked what became of
/// each request that is measured.
///
/// Used by one thread; the traffic is sent by others.
public final class LiveStory implements AutoCloseable {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MILLIS_PER_SECOND = 1e3;

  private final Story story;
  private final Path folder;
  private final Consumer<String> progress;
  private final Map<String, MockProcess> mocks = new TreeMap<>();
  private final Map<String, Killed> killed = new HashMap<>();

  /// When a provider died, and when it was there again.
  private record Killed(Instant at, Instant back) {}

  /// @param folder empty, for data and logs
  /// @param progress takes one line now and then
  public LiveStory(Story story, Path folder, Consumer<String> progress) {
    this.story = story;
    this.folder = folder;
    this.progress = progress;
  }

  /// @param warmUp for so long the measured traffic comes without being looked at
  public Figures tell(Path launcher, Duration warmUp) throws IOException, InterruptedException {
    String policy = story.policy();
    for (Map.Entry<String, Story.Mock> mock : story.mocks().entrySet()) {
      MockProcess process = start(mock.getKey(), mock.getValue(), 0);
      mocks.put(mock.getKey(), process);
      policy = policy.replace("${mock:" + mock.getKey() + "}", process.url() + "/v1");
    }
    try (SluiceProcess sluice =
            SluiceProcess.start(launcher, folder.resolve("sluice"), policy, keys(story));
        StoryClient client = new StoryClient(sluice.http())) {
      progress.accept("ready after " + sluice.readyAfter());
      warmUp(client, warmUp);
      List<Sent> sent = send(client);
      Figures figures = new Figures();
      lines(client, sent, figures);
      // Its drain would wait for what is left of a flood.
      sluice.kill();
      return figures;
    }
  }

  /// The tenants' keys by the variables that the policy names.
  static Map<String, String> keys(Story story) {
    Map<String, String> keys = new HashMap<>();
    for (Traffic line : story.traffic()) {
      keys.put(StoryClient.variable(line.tenant()), StoryClient.key(line.tenant()));
    }
    return keys;
  }

  private MockProcess start(String name, Story.Mock plan, int port)
      throws IOException, InterruptedException {
    MockProcess mock = MockProcess.start(folder.resolve(name + ".log"), port);
    mock.delayMillis((int) plan.answersAfter().toMillis());
    return mock;
  }

  private void warmUp(StoryClient client, Duration time) throws InterruptedException {
    List<Thread> senders = new ArrayList<>();
    for (Traffic line : story.traffic()) {
      if (line.measured() && line.from().isZero()) {
        senders.add(
            Thread.ofVirtual().start(() -> client.send(line, Instant.now(), time, _ -> {})));
      }
    }
    for (Thread sender : senders) {
      sender.join();
    }
    client.awaitAnswers();
  }

  private List<Sent> send(StoryClient client) throws IOException, InterruptedException {
    List<Sent> sent = java.util.Collections.synchronizedList(new ArrayList<>());
    Instant zero = Instant.now();
    List<Thread> senders = new ArrayList<>();
    for (Traffic line : story.traffic()) {
      senders.add(
          Thread.ofVirtual()
              .start(() -> client.send(line, zero.plus(line.from()), line.length(), sent::add)));
    }
    for (Map.Entry<String, Story.Mock> mock : story.mocks().entrySet()) {
      Optional<Death> death = mock.getValue().death();
      if (death.isPresent()) {
        killAndReturn(mock.getKey(), mock.getValue(), death.get(), zero);
      }
    }
    for (Thread sender : senders) {
      sender.join();
    }
    client.awaitAnswers();
    progress.accept("sent " + sent.size());
    return List.copyOf(sent);
  }

  private void killAndReturn(String name, Story.Mock plan, Death death, Instant zero)
      throws IOException, InterruptedException {
    MockProcess mock = Objects.requireNonNull(mocks.get(name));
    StoryClient.sleepUntil(zero.plus(death.at()));
    Instant at = Instant.now();
    mock.close();
    StoryClient.sleepUntil(zero.plus(death.back()));
    mocks.put(name, start(name, plan, mock.url().getPort()));
    killed.put(name, new Killed(at, Instant.now()));
    progress.accept("%s died at %s and is back at %s".formatted(name, at, Instant.now()));
  }

  private void lines(StoryClient client, List<Sent> sent, Figures figures)
      throws IOException, InterruptedException {
    List<Told> all = new ArrayList<>();
    for (Traffic line : story.traffic()) {
      List<Sent> own = sent.stream().filter(each -> each.line().equals(line)).toList();
      figures.put(line.name() + ": sent", own.size());
      figures.put(
          line.name() + ": refused", own.stream().filter(each -> each.status() / 100 != 2).count());
      if (line.measured()) {
        List<Told> told = client.outcomes(own);
        all.addAll(told);
        figures.put(
            line.name() + ": lost", told.stream().filter(each -> !each.succeeded()).count());
        for (Phase phase : story.phases()) {
          phase(line, phase, told, figures);
        }
      }
    }
    killed.forEach((name, times) -> death(name, times, all, figures));
  }

  private static void phase(Traffic line, Phase phase, List<Told> told, Figures figures) {
    Histogram waits = new Histogram(3);
    Histogram answers = new Histogram(3);
    for (Told each : told) {
      Duration due = each.sent().due();
      if (each.succeeded() && due.compareTo(phase.from()) >= 0 && due.compareTo(phase.to()) < 0) {
        each.waited().ifPresent(wait -> waits.recordValue(Math.max(0, wait.toNanos())));
        answers.recordValue(each.sent().nanos());
      }
    }
    if (answers.getTotalCount() == 0) {
      return;
    }
    Percentiles wait = Percentiles.ofNanos(waits);
    Percentiles answer = Percentiles.ofNanos(answers);
    String name = line.name() + ", " + phase.name() + ": ";
    figures.put(name + "requests", answer.count());
    figures.put(name + "wait p50 ms", wait.p50());
    figures.put(name + "wait p99 ms", wait.p99());
    if (line.waits()) {
      figures.put(name + "answer p50 ms", answer.p50());
      figures.put(name + "answer p99 ms", answer.p99());
    }
  }

  private static void death(String name, Killed killed, List<Told> told, Figures figures) {
    double elsewhere = Double.NaN;
    double lastAsked = 0;
    double back = Double.NaN;
    int asked = 0;
    int others = 0;
    for (Told each : told) {
      for (StoryClient.Attempt attempt : each.attempts()) {
        double afterDeath = millis(killed.at(), attempt.startedAt());
        double afterBack = millis(killed.back(), attempt.startedAt());
        if (attempt.pool().equals(name)) {
          if (attempt.succeeded() && afterBack >= 0) {
            back = least(back, afterBack);
          } else if (!attempt.succeeded() && afterDeath >= 0) {
            asked++;
            lastAsked = Math.max(lastAsked, afterDeath);
          }
        } else if (afterDeath >= 0) {
          elsewhere = least(elsewhere, afterDeath);
          others += afterBack < 0 ? 1 : 0;
        }
      }
    }
    figures.put(name + " dead: first asked elsewhere after ms", elsewhere);
    figures.put(name + " dead: asked elsewhere", others);
    figures.put(name + " dead: asked all the same", asked);
    figures.put(name + " dead: last asked all the same after ms", lastAsked);
    figures.put(name + " back: answers again after s", back / MILLIS_PER_SECOND);
  }

  private static double least(double known, double next) {
    return Double.isNaN(known) ? next : Math.min(known, next);
  }

  private static double millis(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / NANOS_PER_MILLI;
  }

  @Override
  public void close() {
    mocks.values().forEach(MockProcess::close);
  }
}
