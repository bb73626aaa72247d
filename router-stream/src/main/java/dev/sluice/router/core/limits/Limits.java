package dev.sluice.router.core.limits;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Meter.Share;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The limits of all tenants of one task: one writer, so what is left is exact whatever runs at
/// once. A job holds what it may use at worst from its admission, or with limits that hold jobs
/// back from its release, until its end; of rolling windows from the beginning of its first call.
/// What its answer used takes the place of that; a job without an answer gives all back.
///
/// Derived from the jobs' records alone, and from what the log keeps of jobs that it forgot, live
/// and after a restart alike. Owned by one thread.
public final class Limits {
  private final Map<String, Account> accounts = new HashMap<>();

  /// What is known of tenants without limits, in case they get some.
  private final Map<String, Kept> kept = new HashMap<>();

  private final Map<JobId, List<Share>> shares = new HashMap<>();

  /// What was told of budgets, by tenant.
  private final Map<String, Alarms> alarms = new HashMap<>();

  private final Changes changes = new Changes();

  /// Values of tags that are to be forgotten, whatever they have used.
  private final List<Gone> orphans = new ArrayList<>();

  /// Values of tags that count, in the order in which [#sweep] looks at them.
  private final ArrayDeque<NamedLimit> round = new ArrayDeque<>();

  private Takings takings = new Takings(WorstCase.none());
  private long sequence;

  /// Takes what the log keeps of a tenant; before [#adopt].
  public void restore(Image image) {
    kept.merge(
        image.tenant(), Kept.none(image.tenant()).with(image), (before, _) -> before.with(image));
    sequence = Math.max(sequence, image.sequence());
    image.told().forEach(alarms(image.tenant())::restore);
  }

  /// The same of a value of a tag.
  public void restore(ValueImage image) {
    String tenant = image.limit().tenant();
    kept.computeIfAbsent(tenant, Kept::none).values().put(image.limit().name(), image);
    sequence = Math.max(sequence, image.sequence());
    alarms(tenant).restore(image.limit().name(), image.told());
  }

  private Alarms alarms(String tenant) {
    return alarms.computeIfAbsent(tenant, _ -> new Alarms());
  }

  /// From here on other limits and prices hold. All jobs are to be applied anew.
  public void adopt(Policy policy, PriceBook prices, Instant now) {
    accounts.forEach((tenant, account) -> kept.put(tenant, account.kept(alarms(tenant), now)));
    accounts.clear();
    shares.clear();
    round.clear();
    takings = new Takings(new WorstCase(policy, prices));
    policy.tenants().values().stream()
        .filter(tenant -> !tenant.limits().isEmpty())
        .forEach(this::open);
    // A limit that is removed, and added again, begins anew for each value of a tag.
    kept.forEach((tenant, asleep) -> {
      asleep.values().keySet().forEach(name -> orphan(tenant, name));
      asleep.values().clear();
    });
  }

  private void orphan(String tenant, String value) {
    orphans.add(new Gone(new NamedLimit(tenant, value), true));
  }

  private void open(Policy.Tenant tenant) {
    Kept before = kept.remove(tenant.id());
    if (before != null) {
      changes.of(tenant.id()).addAll(before.values().keySet());
    }
    Account account =
        new Account(
            tenant,
            before == null ? Kept.none(tenant.id()) : before,
            name -> round.add(new NamedLimit(tenant.id(), name)));
    account.takeOrphans().forEach(name -> orphan(tenant.id(), name));
    accounts.put(tenant.id(), account);
  }

  /// Whether anything of a tenant is limited.
  public boolean limits(String tenant) {
    return accounts.containsKey(tenant);
  }

  /// The place of an answer that is counted next.
  public long nextSequence() {
    return ++sequence;
  }

  /// Takes a job as it now is in place of what was known of it.
  ///
  /// @param stake looked at only where the tenant has limits
  /// @return whether something has become free that others may wait for
  public boolean apply(JobId id, String tenant, Supplier<Stake> stake) {
    Account account = accounts.get(tenant);
    if (account == null) {
      return false;
    }
    Stake job = stake.get();
    job.spent()
        .filter(spent -> spent.sequence() > account.settled())
        .ifPresent(spent -> {
          sequence = Math.max(sequence, spent.sequence());
          account.awaits(spent, id, job);
        });
    List<Share> before = shares.getOrDefault(id, List.of());
    List<Share> after = takings.of(account, job);
    before.forEach(share -> share.meter().giveBack(share));
    after.forEach(share -> share.meter().take(share));
    changes.note(tenant, before);
    changes.note(tenant, after);
    keep(id, after);
    return frees(before, after);
  }

  private void keep(JobId id, List<Share> held) {
    if (held.isEmpty()) {
      shares.remove(id);
    } else {
      shares.put(id, held);
    }
  }

  private static boolean frees(List<Share> before, List<Share> after) {
    for (Share share : before) {
      if (share.amount() > held(after, share.meter())) {
        return true;
      }
    }
    return false;
  }

  /// Forgets a job. What its answer used stays counted, with that of every answer before it.
  public void forget(JobId id, String tenant, Optional<Spent> spent) {
    Account account = accounts.get(tenant);
    if (account == null) {
      return;
    }
    spent.ifPresent(last ->
        account
            .settle(last.sequence())
            .forEach((place, settled) -> settle(account, settled, place)));
    List<Share> held = shares.getOrDefault(id, List.of());
    held.forEach(share -> share.meter().giveBack(share));
    changes.note(tenant, held);
    shares.remove(id);
  }

  private void settle(Account account, JobId id, long place) {
    List<Share> held = new ArrayList<>(1);
    for (Share share : shares.getOrDefault(id, List.of())) {
      if (share.undated()) {
        held.add(share);
      } else {
        share.meter().settle(share, place);
        if (share.meter().ofValue()) {
          var _ = account.unlogged(share.meter().key());
        }
      }
    }
    keep(id, held);
  }

  /// What limits say to a job before it is one.
  public Verdict admit(Stake job, Instant now) {
    Account account = accounts.get(job.tenant());
    if (account == null) {
      return new Verdict.Admitted();
    }
    List<Meter> counting = account.metersOf(job.demand());
    Optional<Amounts> amounts = takings.worst().of(job, counting, account.corrections());
    if (amounts.isEmpty()) {
      return new Verdict.Unpriced();
    }
    boolean downgraded = job.demand().askedModel().isPresent();
    @Nullable Verdict downgrade = null;
    for (Meter meter : counting) {
      long amount = amounts.get().of(meter.limit().unit());
      boolean larger = Block.exceeds(meter.limit(), amount);
      if ((!meter.early() && !larger) || (meter.fits(amount, now) && !larger)) {
        continue;
      }
      Block block = block(account, meter, amount, now);
      if (amount == Long.MAX_VALUE) {
        // More than can be counted, and so than can be kept free.
        return new Verdict.Refused(block);
      }
      switch (meter.limit().onExceeded()) {
        case HOLD, REJECT -> {
          return new Verdict.Refused(block);
        }
        case DOWNGRADE -> {
          if (!downgraded && downgrade == null) {
            downgrade = new Verdict.Downgraded(meter.limit().downgradeTo().orElseThrow(), block);
          }
        }
      }
    }
    return downgrade == null ? new Verdict.Admitted() : downgrade;
  }

  /// The limit that holds a job back from its release; empty when none does.
  public Optional<Block> holdsBack(JobId id, String tenant, Supplier<Stake> stake, Instant now) {
    Account account = accounts.get(tenant);
    if (account == null) {
      return Optional.empty();
    }
    Stake job = stake.get();
    List<Meter> counting = account.metersOf(job.demand());
    Amounts amounts = takings.amounts(account, job, counting);
    if (amounts == null) {
      return Optional.empty();
    }
    List<Share> held = shares.getOrDefault(id, List.of());
    for (Meter meter : counting) {
      long amount = meter.early() ? 0 : amounts.of(meter.limit().unit()) - held(held, meter);
      if (amount > 0 && !meter.fits(amount, now)) {
        return Optional.of(block(account, meter, amount, now));
      }
    }
    return Optional.empty();
  }

  private static long held(List<Share> shares, Meter meter) {
    for (Share share : shares) {
      // A meter of a value that was idle for a while is another one now.
      if (share.meter() == meter || share.meter().key().equals(meter.key())) {
        return share.amount();
      }
    }
    return 0;
  }

  private static Block block(Account account, Meter meter, long amount, Instant now) {
    return new Block(
        meter.limit(),
        account.shards(),
        meter.key(),
        amount,
        meter.left(now),
        meter.fitsAt(amount, now));
  }

  /// Jobs of a tenant with the same lane are held back by the same limits, so the first of them
  /// that does not fit keeps its turn; others may go.
  public String lane(Stake job) {
    Account account = accounts.get(job.tenant());
    if (account == null || account.wholeOnly()) {
      return "";
    }
    StringBuilder lane = new StringBuilder();
    for (Meter meter : account.metersOf(job.demand())) {
      if (!(meter.limit().part() instanceof Limit.Part.Whole)) {
        lane.append(meter.key()).append(' ');
      }
    }
    return lane.toString();
  }

  /// Names of tags that some limit of a tenant counts by.
  public boolean countsBy(String tenant, String tag) {
    Account account = accounts.get(tenant);
    return account != null && account.countsBy(tag);
  }

  /// The demand of a job that is admitted: one that names no bound of its answer gets the one that
  /// is reserved, where a limit counts answers.
  public Demand bounded(Stake job) {
    Account account = accounts.get(job.tenant());
    boolean counts =
        account != null
            && job.demand().maxOutputTokens() == Demand.UNNAMED
            && account.metersOf(job.demand()).stream()
                .anyMatch(meter -> meter.limit().unit().countsOutput());
    return counts
        ? job.demand().boundedBy(takings.worst().maxOutputTokens(job.model(), job.demand()))
        : job.demand();
  }

  /// What the log is to keep of a tenant, now that jobs of it are forgotten, after [#takeUnlogged];
  /// empty without limits.
  public Optional<Image> image(String tenant, Instant now) {
    Account account = accounts.get(tenant);
    return account == null
        ? Optional.ofNullable(kept.get(tenant)).map(Kept::image)
        : Optional.of(account.image(alarms(tenant), now));
  }

  /// What the log is to keep of a tenant's values of tags that have changed since this was last
  /// asked. It must have them before the tenant's image, which says that their answers are counted.
  public List<ValueImage> takeUnlogged(String tenant, Instant now) {
    Account account = accounts.get(tenant);
    return account == null ? List.of() : account.takeUnlogged(alarms(tenant), now);
  }

  /// The log does not have a value as it is; returns whether anything is known of it.
  public boolean unlogged(NamedLimit value) {
    Account account = accounts.get(value.tenant());
    return account != null && account.unlogged(value.name());
  }

  /// Looks at some of the values of tags, each time at the next ones, and forgets those of which
  /// nothing counts any more. Those of which something leaves its window by and by count as
  /// changed.
  ///
  /// @param most looked at, count
  public List<Gone> sweep(int most, Instant now) {
    List<Gone> gone = new ArrayList<>(orphans);
    orphans.clear();
    for (int i = Math.min(most, round.size()); i > 0; i--) {
      NamedLimit name = round.remove();
      Account account = accounts.get(name.tenant());
      Meter meter = account == null ? null : account.value(name.name());
      if (account != null && meter != null) {
        if (meter.idle(now) && alarms(name.tenant()).nothingToldOf(meter, now)) {
          account.drop(meter);
          gone.add(new Gone(name, meter.isLogged()));
        } else {
          round.add(name);
          if (meter.rolling() && meter.used(now) > 0) {
            changes.of(name.tenant()).add(name.name());
          }
        }
      }
    }
    return gone;
  }

  /// What is used here of a tenant's budgets with alerts, by name and by the first millisecond of a
  /// period: of all that are not of single values, and of some that are.
  public Map<String, Map<Long, Long>> budgets(String tenant, Set<String> values, Instant now) {
    Account account = accounts.get(tenant);
    if (account == null) {
      return Map.of();
    }
    List<Meter> meters = account.alerting();
    for (String name : values) {
      Meter meter = account.value(name);
      if (meter != null && !meter.limit().alerts().isEmpty()) {
        meters.add(meter);
      }
    }
    Map<String, Map<Long, Long>> used = new HashMap<>();
    meters.forEach(meter -> used.put(meter.key(), meter.usedByPeriod(now)));
    return used;
  }

  /// Parts of a tenant's budgets that were reached since this was last asked.
  ///
  /// @param tenant with all of its limits, whatever part of them is here
  /// @param used of budgets, wherever, by name and by the first millisecond of a period
  public List<Alert> alerts(Policy.Tenant tenant, Map<String, Map<Long, Long>> used, Instant now) {
    return alarms(tenant.id()).reached(tenant, used, now);
  }

  /// An alert is surely delivered: what the log keeps says so from now on.
  public void delivered(Alert alert) {
    alarms(alert.tenant()).delivered(alert);
    Account account = accounts.get(alert.tenant());
    if (account != null && account.toldOf(alert.key()) != null) {
      var _ = account.unlogged(alert.key());
    }
  }

  /// Tenants of whom something has changed since this was last asked, with the limits of single
  /// values among it, by name.
  ///
  /// @param most of these, count; the others are told next time
  public Map<String, Set<String>> takeChanged(int most) {
    return changes.take(most);
  }

  /// What is used of each of a tenant's limits that are not of single values.
  public List<Reading> readings(String tenant, Instant now) {
    Account account = accounts.get(tenant);
    return account == null ? List.of() : account.readings(now);
  }

  /// The same of a value of a tag; empty where nothing is known of it.
  public Optional<Reading> reading(NamedLimit value, Instant now) {
    Account account = accounts.get(value.tenant());
    Meter meter = account == null ? null : account.value(value.name());
    return Optional.ofNullable(meter).map(known -> known.reading(now));
  }
}
