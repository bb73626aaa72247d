package dev.sluice.ledgercheck.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Channel;
import dev.sluice.ledgercheck.core.Checker;
import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.core.JobState;
import dev.sluice.ledgercheck.core.ProviderFault;
import dev.sluice.ledgercheck.core.Verdict;
import dev.sluice.ledgercheck.ledger.LedgerFile;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import dev.sluice.ledgercheck.mock.MockProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Client, mock, files and checker together, with a small gateway in Sluice's place.
class LoadClientIT {
  private static final String PROVIDER_KEY = "sk-provider";

  /// One in thirty is cancelled in time to end so, one in ten fails: many enough that none of
  /// either is out of the question.
  private static final int JOBS = 600;

  private static final FaultMix SOME_ERRORS = new FaultMix(Map.of(ProviderFault.ERROR_500, 0.1));

  @TempDir Path folder;

  @Test
  void leavesCleanLedgersWhereTheGatewayIsFaultless() throws Exception {
    Verdict verdict = campaign(PROVIDER_KEY);

    assertEquals(List.of(), verdict.violations());
    assertTrue(verdict.counts().accepted() >= JOBS);
    assertTrue(verdict.counts().ends().containsKey(JobState.CANCELLED));
    assertTrue(verdict.counts().ends().containsKey(JobState.FAILED));
  }

  @Test
  void findsAGatewayThatSendsTheWrongKey() throws Exception {
    assertFalse(campaign("sk-tenant").clean());
  }

  @Test
  void takesARefusedConnectionForNoAnswer() throws Exception {
    LedgerFolder ledgers = new LedgerFolder(folder);
    LiveTarget nobody = new LiveTarget();
    try (SluiceHttp http = new SluiceHttp(nobody);
        ClientLedgers written = new ClientLedgers(ledgers)) {
      SluiceHttp.Reply reply = http.get(Account.LEDGER, "/v1/jobs");

      assertEquals(SluiceHttp.Reply.none(false), reply);
      assertEquals(0, written.accepted());
    }
  }

  private Verdict campaign(String sentKey) throws Exception {
    LedgerFolder ledgers = new LedgerFolder(folder);
    LiveTarget target = new LiveTarget();
    try (MockProvider provider = new MockProvider(0, ledgers, 3, SOME_ERRORS);
        StubSluice stub = new StubSluice(provider.baseUrl(), sentKey);
        SluiceHttp http = new SluiceHttp(target);
        ClientLedgers written = new ClientLedgers(ledgers)) {
      LoadClient client = new LoadClient(3, http, written, target);
      target.comesUp(stub.url());
      client.submit(JOBS, 400, new AtomicBoolean(true));
      Set<String> jobs = written.acceptedJobs();
      List<Channel> channels =
          List.of(Channel.LONG_POLL, Channel.GET, Channel.EVENTS, Channel.GET_AFTER_RESTART);
      assertEquals(Set.of(), client.readAll(jobs, channels, Duration.ofSeconds(30)));
      client.readLists();
      try (LedgerFile costs = new LedgerFile(ledgers.costs())) {
        stub.costs().forEach(costs::append);
      }
      ledgers.writeCampaign(
          new LedgerFolder.Campaign(3, 1, PROVIDER_KEY, List.of(), Optional.empty()));
    }
    return Checker.check(ledgers.read());
  }
}
