package dev.sluice.bench;

import dev.sluice.bench.mock.MockProvider;
import dev.sluice.bench.process.MockProcess;
import dev.sluice.bench.report.Machine;
import dev.sluice.bench.report.Report;
import dev.sluice.bench.report.ReportFolder;
import dev.sluice.bench.scenario.Backlog;
import dev.sluice.bench.scenario.Bare;
import dev.sluice.bench.scenario.BatchIntake;
import dev.sluice.bench.scenario.Bench;
import dev.sluice.bench.scenario.BenchOptions;
import dev.sluice.bench.scenario.Callbacks;
import dev.sluice.bench.scenario.Fairness;
import dev.sluice.bench.scenario.Findings;
import dev.sluice.bench.scenario.Hops;
import dev.sluice.bench.scenario.Memory;
import dev.sluice.bench.scenario.Metering;
import dev.sluice.bench.scenario.Micro;
import dev.sluice.bench.scenario.Overhead;
import dev.sluice.bench.scenario.Profile;
import dev.sluice.bench.scenario.Reads;
import dev.sluice.bench.scenario.Resume;
import dev.sluice.bench.scenario.RouterAlone;
import dev.sluice.bench.scenario.Scenario;
import dev.sluice.bench.scenario.Start;
import dev.sluice.bench.scenario.Tale;
import dev.sluice.bench.scenario.Throughput;
import dev.sluice.bench.scenario.Turns;
import dev.sluice.bench.scenario.Waiting;
import dev.sluice.bench.story.Story;
import dev.sluice.bench.story.StoryReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The command line of the benchmarks: runs scenarios and writes their pages. Exit 0 when every
/// answer was right, 1 when not, 2 on wrong usage.
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures Sluice and writes what it saw into docs/benchmarks.")
public final class BenchMain implements Callable<Integer> {
  private static final PrintStream OUT = System.out;
  private static final PrintStream PROGRESS = System.err;
  private static final List<String> ALL =
      List.of(
          "bare", "overhead", "hops", "stream", "accept", "complete", "backlog", "start", "memory");

  @Parameters(
      description =
          "bare overhead hops stream accept complete backlog start memory metering reads waiting"
              + " batch resume waiters callbacks fairness router turns profile story jmh.")
  private List<String> scenarios = List.of();

  @Option(names = "--root", required = true, description = "The repository.")
  private Path root = Path.of(".");

  @Option(names = "--sluice", description = "Another launcher than deploy/sluice.")
  private @Nullable Path launcher;

  @Option(names = "--other", description = "Turns: the checkout to compare with.")
  private @Nullable Path other;

  @Option(names = "--out", description = "Folder of the pages, docs/benchmarks unless told.")
  private @Nullable Path out;

  @Option(names = "--work", description = "Folder for data and logs, a new one unless told.")
  private @Nullable Path work;

  @Option(names = "--seconds", defaultValue = "20", description = "Length of a measured run.")
  private int seconds;

  @Option(names = "--warm-up", defaultValue = "45", description = "Seconds before measuring.")
  private int warmUp;

  @Option(names = "--rounds", defaultValue = "3", description = "Rounds of each row.")
  private int rounds;

  @Option(names = "--rates", split = ",", defaultValue = "50,200,500", description = "1/s.")
  private List<Integer> rates = List.of();

  @Option(names = "--callers", split = ",", defaultValue = "64,128,256", description = "At once.")
  private List<Integer> callers = List.of();

  @Option(
      names = "--backlogs",
      split = ",",
      defaultValue = "1000,10000,100000",
      description = "Jobs.")
  private List<Integer> backlogs = List.of();

  @Option(names = "--waiting", defaultValue = "0", description = "Start: jobs that wait.")
  private int waiting;

  @Option(names = "--finished", defaultValue = "0", description = "Start: jobs that ended.")
  private int finished;

  @Option(
      names = "--lines",
      split = ",",
      defaultValue = "10000,100000,1000000",
      description = "Batch: lines of an input.")
  private List<Integer> lines = List.of();

  @Option(names = "--file", split = ",", description = "Story: its files, all unless told.")
  private List<Path> files = List.of();

  @Option(names = "--events", defaultValue = "10000", description = "Resume: events of a stream.")
  private int events;

  /// Something that takes its time and finds figures.
  private interface Measuring {
    Findings run() throws IOException, InterruptedException;
  }

  private BenchMain() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2 && arguments[0].equals("mock")) {
      serveMock(Integer.parseInt(arguments[1]));
      return;
    }
    System.exit(new CommandLine(new BenchMain()).execute(arguments));
  }

  private static void serveMock(int port) throws IOException, InterruptedException {
    try (MockProvider mock = new MockProvider(port)) {
      OUT.println("http://127.0.0.1:" + mock.port());
      mock.await();
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = work == null ? Files.createTempDirectory("sluice-bench") : work;
    Files.createDirectories(folder);
    BenchOptions options =
        new BenchOptions(
            launcher == null ? root.resolve("deploy/sluice") : launcher,
            folder.toAbsolutePath(),
            Duration.ofSeconds(seconds),
            Duration.ofSeconds(warmUp),
            rounds,
            rates,
            callers,
            backlogs,
            waiting,
            finished,
            lines,
            events);
    ReportFolder pages = new ReportFolder(out == null ? root.resolve("docs/benchmarks") : out);
    Machine machine = Machine.here(root);
    say("data and logs in " + folder);
    if (!scenarios.isEmpty() && scenarios.getFirst().equals("jmh")) {
      String pattern = scenarios.size() > 1 ? scenarios.get(1) : ".*";
      Micro micro = new Micro(pattern, options);
      String command = "deploy/bench/run jmh '%s' --seconds %d".formatted(pattern, seconds);
      return measure("jmh", command, micro.question(), micro::run, pages, machine) ? 0 : 1;
    }
    if (!scenarios.isEmpty() && scenarios.getFirst().equals("story")) {
      return tell(options, pages, machine);
    }
    List<String> wanted = scenarios.isEmpty() ? ALL : scenarios;
    List<Scenario> checked = wanted.stream().map(this::scenario).toList();
    boolean right = true;
    try (MockProcess mock = MockProcess.start(folder.resolve("mock.log"))) {
      Bench bench = new Bench(options, mock, BenchMain::say);
      for (int i = 0; i < wanted.size(); i++) {
        Scenario scenario = checked.get(i);
        right &=
            measure(
                wanted.get(i),
                command(wanted.get(i)),
                scenario.question(),
                () -> scenario.run(bench),
                pages,
                machine);
      }
    }
    return right ? 0 : 1;
  }

  private int tell(BenchOptions options, ReportFolder pages, Machine machine)
      throws IOException, InterruptedException {
    boolean right = true;
    List<Path> told = files.isEmpty() ? stories(root.resolve("deploy/bench/stories")) : files;
    try (MockProcess mock = MockProcess.start(options.work().resolve("mock.log"))) {
      Bench bench = new Bench(options, mock, BenchMain::say);
      for (Path file : told) {
        Story story = StoryReader.read(file);
        Tale tale = new Tale(story);
        String command =
            "deploy/bench/run story --file deploy/bench/stories/%s --warm-up %d"
                .formatted(file.getFileName(), warmUp);
        right &=
            measure(story.name(), command, tale.question(), () -> tale.run(bench), pages, machine);
      }
    }
    return right ? 0 : 1;
  }

  private static List<Path> stories(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  private Scenario scenario(String name) {
    return switch (name) {
      case "bare" -> new Bare();
      case "overhead" -> new Overhead(false);
      case "hops" -> new Hops();
      case "stream" -> new Overhead(true);
      case "accept" -> new Throughput(true);
      case "complete" -> new Throughput(false);
      case "backlog" -> new Backlog();
      case "start" -> new Start();
      case "memory" -> new Memory();
      case "metering" -> new Metering();
      case "reads" -> new Reads();
      case "waiting" -> new Waiting(false);
      case "waiters" -> new Waiting(true);
      case "batch" -> new BatchIntake();
      case "resume" -> new Resume();
      case "callbacks" -> new Callbacks();
      case "fairness" -> new Fairness();
      case "router" -> new RouterAlone();
      case "turns" -> new Turns(otherCheckout());
      case "profile" -> new Profile();
      default -> throw wrongUsage("no scenario " + name);
    };
  }

  private Path otherCheckout() {
    if (other == null || !Files.isExecutable(other.resolve("deploy/sluice"))) {
      throw wrongUsage("turns needs --other, a checkout of Sluice");
    }
    return other;
  }

  private CommandLine.ParameterException wrongUsage(String message) {
    return new CommandLine.ParameterException(new CommandLine(this), message);
  }

  private boolean measure(
      String name,
      String command,
      String question,
      Measuring measuring,
      ReportFolder pages,
      Machine machine)
      throws IOException, InterruptedException {
    say("scenario " + name);
    Instant at = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    Findings findings = measuring.run();
    pages.write(
        new Report(
            name,
            command,
            question,
            findings.headline(),
            at,
            Duration.between(at, Instant.now()),
            machine,
            findings.rows(),
            findings.runs(),
            findings.right()));
    OUT.println(name + ": " + findings.headline() + (findings.right() ? "" : " (WRONG ANSWERS)"));
    return findings.right();
  }

  /// The command that makes one page again, with the options it had.
  private String command(String name) {
    return "deploy/bench/run "
        + name
        + " --seconds %d --warm-up %d --rounds %d".formatted(seconds, warmUp, rounds)
        + " --rates %s --callers %s --backlogs %s --waiting %d --finished %d"
            .formatted(list(rates), list(callers), list(backlogs), waiting, finished)
        + " --lines %s --events %d".formatted(list(lines), events)
        + (name.equals("turns") ? " --other FOLDER" : "");
  }

  private static String list(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  private static void say(String line) {
    PROGRESS.println(Instant.now().truncatedTo(ChronoUnit.SECONDS) + "  " + line);
  }
}
