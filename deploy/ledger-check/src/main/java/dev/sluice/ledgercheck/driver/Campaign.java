package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.ClientLedgers;
import dev.sluice.ledgercheck.client.LiveTarget;
import dev.sluice.ledgercheck.client.LoadClient;
import dev.sluice.ledgercheck.client.Pause;
import dev.sluice.ledgercheck.client.SluiceHttp;
import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Channel;
import dev.sluice.ledgercheck.core.Checker;
import dev.sluice.ledgercheck.core.CostEntry;
import dev.sluice.ledgercheck.core.Disturbance;
import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.core.Limit;
import dev.sluice.ledgercheck.core.Verdict;
import dev.sluice.ledgercheck.costs.CostTopic;
import dev.sluice.ledgercheck.ledger.LedgerFile;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import dev.sluice.ledgercheck.mock.MockProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// One run from an empty folder to a verdict: load under trouble, quiet, every channel read, a
/// restart, every job read again, the cost topic read, all of it joined.
///
/// Used by one thread; the load runs on others.
public final class Campaign {
  /// Longest time, once the trouble is over, until a job shows its end.
  private static final Duration QUIESCE = Duration.ofMinutes(2);

  /// Longest wait for the cost rows of jobs that have ended.
  private static final Duration COSTS = Duration.ofSeconds(20);

  /// Longest wait for what was reserved to come back.
  private static final Duration AT_REST = Duration.ofSeconds(30);

  private final CampaignOptions options;
  private final LedgerFolder ledgers;
  private final SplittableRandom random;
  private final LiveTarget target = new LiveTarget();
  private final Consumer<String> progress;

  /// @param progress takes one line now and then
  public Campaign(CampaignOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    this.ledgers = new LedgerFolder(options.folder().resolve("ledgers"));
    this.random = new SplittableRandom(options.seed());
  }

  /// The ledgers on disk, for a later look.
  public LedgerFolder ledgers() {
    return ledgers;
  }

  public Verdict run() throws IOException, InterruptedException {
    Files.createDirectories(ledgers.folder());
    try (MockProvider provider =
            new MockProvider(0, ledgers, options.seed(), FaultMix.OF_THE_CHECK);
        Fleet fleet = fleet(provider);
        SluiceHttp http = new SluiceHttp(target);
        ClientLedgers written = new ClientLedgers(ledgers);
        LedgerFile disturbances = new LedgerFile(ledgers.disturbances());
        LedgerFile quotas = new LedgerFile(ledgers.quotas())) {
      QuotasCall limits = new QuotasCall(http);
      LoadClient client = new LoadClient(options.seed(), http, written, target);
      fleet.start();
      progress.accept("serving at " + target.url());
      trouble(fleet, client, written, provider, disturbances);
      provider.setFaults(FaultMix.NONE);
      readEverything(fleet, client, written);
      limits.atRest(false, AT_REST).forEach(quotas::append);
      disturbances.append(fleet.restart());
      limits.atRest(true, AT_REST).forEach(quotas::append);
      readAgain(fleet, client, written, http);
    }
    return Checker.check(ledgers.read());
  }

  private Fleet fleet(MockProvider provider) throws IOException {
    Path config = options.folder().resolve("sluice.yaml");
    Files.writeString(config, SluiceConfig.policy(provider));
    return options.split()
        ? SplitFleet.of(options, config, target)
        : new UpFleet(options.sluice(), options.folder(), config, target);
  }

  /// Posts from other threads while this one kills and freezes.
  private void trouble(
      Fleet fleet,
      LoadClient client,
      ClientLedgers written,
      MockProvider provider,
      LedgerFile disturbances)
      throws IOException, InterruptedException {
    AtomicBoolean over = new AtomicBoolean();
    Thread load = Thread.ofVirtual().name("load").start(() -> submit(client, over));
    Instant enough = Instant.now().plus(options.atLeast());
    int done = 0;
    Outages outages = new Outages(provider, disturbances);
    try {
      while (done < options.kills() || Instant.now().isBefore(enough)) {
        Pause.of(Duration.ofMillis(2500 + random.nextInt(3500)));
        outages.beforeKill(done);
        for (Disturbance disturbance : fleet.disturb(random)) {
          disturbances.appendForced(disturbance);
          done++;
          progress.accept(
              "%s of %s %d, again serving after %d ms; posted %d, accepted %d, provider calls %d"
                  .formatted(
                      disturbance.kind(),
                      disturbance.target(),
                      done,
                      Duration.between(disturbance.at(), disturbance.until()).toMillis(),
                      written.posted(),
                      written.accepted(),
                      provider.calls()));
        }
      }
    } finally {
      over.set(true);
    }
    // Some of the load waits until the provider is back.
    outages.end();
    load.join();
  }

  private void submit(LoadClient client, AtomicBoolean over) {
    try {
      client.submit(options.jobs(), options.perSecond(), over);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readEverything(Fleet fleet, LoadClient client, ClientLedgers written)
      throws IOException, InterruptedException {
    Set<String> jobs = written.acceptedJobs();
    progress.accept("quiet: reading %d jobs over every channel".formatted(jobs.size()));
    List<Channel> channels = List.of(Channel.LONG_POLL, Channel.GET, Channel.EVENTS);
    Set<String> unfinished = client.readAll(jobs, channels, QUIESCE);
    // Jobs whose POST got no answer show themselves in the list and by what they cost.
    Set<String> unanswered = new HashSet<>(client.readLists());
    for (CostEntry row : new CostTopic(fleet.kafka(), fleet.registry()).readAll()) {
      tie(row, written);
      unanswered.add(row.jobId());
    }
    unanswered.removeAll(jobs);
    unfinished.addAll(client.readAll(unanswered, channels, QUIESCE));
    progress.accept(
        "%d jobs had no answer to their POST, %d have not ended"
            .formatted(unanswered.size(), unfinished.size()));
  }

  private void readAgain(Fleet fleet, LoadClient client, ClientLedgers written, SluiceHttp http)
      throws IOException, InterruptedException {
    progress.accept("restarted: reading every job again");
    Set<String> jobs = new HashSet<>(written.acceptedJobs());
    CostTopic topic = new CostTopic(fleet.kafka(), fleet.registry());
    List<CostEntry> costs = topic.readAll();
    for (CostEntry row : costs) {
      tie(row, written);
      jobs.add(row.jobId());
    }
    client.readAll(jobs, List.of(Channel.GET_AFTER_RESTART), QUIESCE);
    Instant deadline = Instant.now().plus(COSTS);
    CostsCall call = new CostsCall(http);
    while (!call.agrees(costs) && Instant.now().isBefore(deadline)) {
      Pause.of(Duration.ofMillis(500));
      costs = topic.readAll();
    }
    try (LedgerFile file = new LedgerFile(ledgers.costs())) {
      costs.forEach(file::append);
    }
    ledgers.writeCampaign(
        new LedgerFolder.Campaign(
            options.seed(),
            SluiceConfig.MAX_ATTEMPTS,
            SluiceConfig.PROVIDER_KEY,
            Limit.OF_THE_CHECK,
            call.totals()));
  }

  /// Whose job a row is about, so that it can be read under the right key.
  private static void tie(CostEntry row, ClientLedgers written) {
    for (Account account : Account.values()) {
      if (account.id().equals(row.tenant())) {
        written.belongs(row.jobId(), account);
      }
    }
  }
}
