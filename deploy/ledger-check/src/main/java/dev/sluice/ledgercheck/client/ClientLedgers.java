package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Answer;
import dev.sluice.ledgercheck.core.CancelAnswer;
import dev.sluice.ledgercheck.core.Post;
import dev.sluice.ledgercheck.core.Reading;
import dev.sluice.ledgercheck.ledger.LedgerFile;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// What the client writes down, and the jobs it was promised.
///
/// Safe for any number of threads.
public final class ClientLedgers implements AutoCloseable {
  private final LedgerFile posts;
  private final LedgerFile answers;
  private final LedgerFile cancels;
  private final LedgerFile readings;
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final Map<String, Account> accountOfJob = new ConcurrentHashMap<>();
  private final AtomicInteger posted = new AtomicInteger();

  public ClientLedgers(LedgerFolder folder) throws IOException {
    posts = new LedgerFile(folder.posts());
    answers = new LedgerFile(folder.answers());
    cancels = new LedgerFile(folder.cancels());
    readings = new LedgerFile(folder.readings());
  }

  void posting(Post post) {
    posts.appendForced(post);
    posted.incrementAndGet();
  }

  void answered(Account account, Answer answer) {
    answers.appendForced(answer);
    if (answer.accepted()) {
      String job = answer.jobId().orElseThrow();
      belongs(job, account);
      accepted.add(job);
    }
  }

  /// A job that showed itself otherwise than by the answer to its POST.
  public void belongs(String job, Account account) {
    accountOfJob.put(job, account);
  }

  /// Whose job it is.
  Account accountOf(String job) {
    return accountOfJob.getOrDefault(job, Account.LEDGER);
  }

  void cancelled(CancelAnswer cancel) {
    cancels.appendForced(cancel);
  }

  void read(Reading reading) {
    readings.append(reading);
  }

  /// Jobs that Sluice has promised to finish.
  public Set<String> acceptedJobs() {
    return Set.copyOf(accepted);
  }

  public int accepted() {
    return accepted.size();
  }

  public int posted() {
    return posted.get();
  }

  @Override
  public void close() throws IOException {
    posts.close();
    answers.close();
    cancels.close();
    readings.close();
  }
}
