package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.LiveTarget;
import dev.sluice.ledgercheck.client.Pause;
import dev.sluice.ledgercheck.core.Disturbance;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/// Every service as its own process: broker, ingress, two routers, two workers, metering. Each can
/// be killed or frozen alone.
final class SplitFleet implements Fleet {
  private static final List<String> SERVICES =
      List.of("ingress", "router-1", "router-2", "worker-1", "worker-2", "metering");
  private static final double FREEZES = 0.3;

  /// Share of killed routers whose state folder is gone when they come back.
  private static final double STATE_LOST = 0.5;

  private static final String ROUTER_TASKS = "sluice_router_tasks";
  private static final Duration PUBLICATION = Duration.ofMinutes(4);

  private final Path sluice;
  private final Path config;
  private final Path folder;
  private final LiveTarget target;
  private final int kafkaPort;
  private final int httpPort;
  private final int registryPort;
  private final List<Member> members = new ArrayList<>();
  private final Deque<Member> next = new ArrayDeque<>();
  private Optional<Duration> routerFreeze;
  private boolean routerKillIsNext;
  private boolean policyPublished;

  /// @param routerFreeze first freezes the router that decides for so long, then kills the one that
  ///   does after that
  SplitFleet(
      Path sluice, Path folder, Path config, LiveTarget target, Optional<Duration> routerFreeze)
      throws IOException {
    this.sluice = sluice;
    this.config = config;
    this.folder = folder;
    this.target = target;
    this.routerFreeze = routerFreeze;
    kafkaPort = Member.freePort();
    httpPort = Member.freePort();
    registryPort = Member.freePort();
    members.add(broker());
    for (String service : SERVICES) {
      int adminPort = service.equals("ingress") ? registryPort : Member.freePort();
      members.add(service(service, adminPort));
    }
  }

  /// The fleet that options ask for.
  static SplitFleet of(CampaignOptions options, Path config, LiveTarget target) throws IOException {
    return new SplitFleet(
        options.sluice(), options.folder(), config, target, options.freezeRouter());
  }

  private Member broker() {
    List<String> command =
        List.of(
            sluice.toString(),
            "kafka",
            "--data",
            brokerData().toString(),
            "--port",
            Integer.toString(kafkaPort));
    return new Member("kafka", command, Map.of(), folder.resolve("kafka.log"), null);
  }

  private Member service(String name, int adminPort) {
    String kind = name.replaceFirst("-[0-9]+$", "");
    return new Member(
        name,
        List.of(sluice.toString(), kind, "-c", config.toString()),
        environment(name, adminPort),
        folder.resolve(name + ".log"),
        URI.create("http://127.0.0.1:" + adminPort + "/readyz"));
  }

  private Map<String, String> environment(String name, int adminPort) {
    Map<String, String> environment = new HashMap<>(SluiceConfig.ENVIRONMENT);
    environment.put("SLUICE_KAFKA_BOOTSTRAP_SERVERS", kafka());
    environment.put("SLUICE_PORT", Integer.toString(httpPort));
    environment.put("SLUICE_ADMIN_PORT", Integer.toString(adminPort));
    environment.put("SLUICE_DATA", stateOf(name).toString());
    return environment;
  }

  private Path stateOf(String name) {
    return folder.resolve("data-" + name);
  }

  /// Deletes what a process that is not running keeps on disk.
  void loseState(Member member) throws IOException {
    Path root = stateOf(member.name());
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Override
  public void start() throws IOException, InterruptedException {
    if (!policyPublished) {
      publishPolicy();
      policyPublished = true;
    }
    members.getFirst().start();
    members.getFirst().awaitReady();
    for (Member member : members.subList(1, members.size())) {
      member.start();
    }
    for (Member member : members.subList(1, members.size())) {
      member.awaitReady();
    }
    target.comesUp(URI.create("http://127.0.0.1:" + httpPort));
  }

  /// Services read the policy only from its topic: one short life of `sluice up` on the broker's
  /// folder puts it there.
  private void publishPolicy() throws IOException, InterruptedException {
    List<String> command =
        List.of(
            sluice.toString(),
            "up",
            "--port",
            "0",
            "--kafka-port",
            "0",
            "--admin-port",
            "0",
            "--data",
            brokerData().toString(),
            "-c",
            config.toString());
    Path log = folder.resolve("publish.log");
    ManagedProcess up = ManagedProcess.start(command, SluiceConfig.ENVIRONMENT, log);
    try {
      if (up.awaitFirstLine(PUBLICATION).flatMap(ReadyLine::parse).isEmpty()) {
        throw new IOException("`sluice up` printed no ready line; its log is " + log);
      }
      up.terminate();
    } finally {
      up.kill();
    }
  }

  private Path brokerData() {
    return folder.resolve("data-kafka");
  }

  @Override
  public List<Disturbance> disturb(SplittableRandom random)
      throws IOException, InterruptedException {
    if (routerFreeze.isPresent()) {
      Duration time = routerFreeze.get();
      routerFreeze = Optional.empty();
      routerKillIsNext = true;
      return List.of(freeze(activeRouter(), time));
    }
    if (routerKillIsNext) {
      routerKillIsNext = false;
      return List.of(kill(activeRouter(), random));
    }
    Member member = nextMember(random);
    if (random.nextDouble() < FREEZES) {
      return List.of(freeze(member, Duration.ofMillis(1000 + random.nextInt(9000))));
    }
    return List.of(kill(member, random));
  }

  private Disturbance kill(Member member, SplittableRandom random)
      throws IOException, InterruptedException {
    boolean loses = member.name().startsWith("router") && random.nextDouble() < STATE_LOST;
    return kill(member, Duration.ofMillis(random.nextInt(3000)), loses);
  }

  /// Each process in turn, in an order drawn anew for every round.
  private Member nextMember(SplittableRandom random) {
    if (next.isEmpty()) {
      List<Member> round = new ArrayList<>(members);
      while (!round.isEmpty()) {
        next.add(round.remove(random.nextInt(round.size())));
      }
    }
    return next.remove();
  }

  /// The router that owns the tasks now, the first one when none does.
  Member activeRouter() throws InterruptedException {
    for (Member router : routers()) {
      if (router.metric(ROUTER_TASKS).orElse(0) > 0) {
        return router;
      }
    }
    return routers().getFirst();
  }

  List<Member> routers() {
    return members.stream().filter(member -> member.name().startsWith("router")).toList();
  }

  private Disturbance freeze(Member member, Duration time)
      throws IOException, InterruptedException {
    Instant at = Instant.now();
    member.process().freeze();
    Pause.of(time);
    member.process().resume();
    member.awaitReady();
    return new Disturbance(Disturbance.Kind.FREEZE, member.name(), at, Instant.now());
  }

  private Disturbance kill(Member member, Duration down, boolean losesState)
      throws IOException, InterruptedException {
    boolean serves = member.name().equals("ingress");
    if (serves) {
      target.goesDown();
    }
    Instant at = Instant.now();
    member.kill();
    if (losesState) {
      loseState(member);
    }
    Pause.of(down);
    member.start();
    member.awaitReady();
    if (serves) {
      target.comesUp(target.url());
    }
    return new Disturbance(Disturbance.Kind.KILL, member.name(), at, Instant.now());
  }

  @Override
  public Disturbance restart() throws IOException, InterruptedException {
    target.goesDown();
    Instant at = Instant.now();
    close();
    start();
    return new Disturbance(Disturbance.Kind.KILL, "all", at, Instant.now());
  }

  @Override
  public String kafka() {
    return "127.0.0.1:" + kafkaPort;
  }

  @Override
  public URI registry() {
    return URI.create("http://127.0.0.1:" + registryPort);
  }

  @Override
  public void close() {
    members.reversed().forEach(Member::kill);
  }
}
