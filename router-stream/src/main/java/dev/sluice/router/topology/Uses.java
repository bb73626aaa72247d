package dev.sluice.router.topology;

import dev.sluice.contract.avro.AnswerUse;
import dev.sluice.contract.avro.JobImage;
import dev.sluice.contract.avro.LimitUse;
import dev.sluice.contract.avro.ShardUse;
import dev.sluice.contract.avro.TenantUse;
import dev.sluice.contract.avro.UseTime;
import dev.sluice.contract.avro.ValueUse;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Image;
import dev.sluice.router.core.limits.NamedLimit;
import dev.sluice.router.core.limits.Spent;
import dev.sluice.router.core.limits.ValueImage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What concerns limits as log records, and back.
final class Uses {

  private Uses() {}

  static void write(JobImage image, Job job) {
    Demand demand = job.demand();
    image.setEstimatedTokens(job.estimatedTokens());
    image.setKeyId(demand.keyId());
    image.setInputTokens(demand.inputTokens());
    image.setMaxOutputTokens(
        demand.maxOutputTokens() == Demand.UNNAMED ? null : demand.maxOutputTokens());
    image.setChoices(demand.choices());
    image.setBoundImposed(demand.imposed());
    image.setLimitTags(demand.tags());
    image.setAskedModel(demand.askedModel().orElse(null));
    job.progress()
        .spent()
        .filter(spent -> spent.sequence() > 0)
        .map(Uses::use)
        .ifPresent(image::setSpent);
  }

  private static AnswerUse use(Spent spent) {
    return new AnswerUse(
        spent.sequence(),
        spent.inputTokens(),
        spent.outputTokens(),
        spent.picoUsd(),
        spent.at(),
        spent.gpuMicros());
  }

  static void write(JobImage image, Phase.Hold hold) {
    image.setHoldReason(hold.reason());
    image.setHoldBy(hold.by().orElse(null));
    image.setHeldUntil(hold.until().orElse(null));
    image.setHeldRoutes(RouteChoices.records(hold.rejected()));
  }

  static Demand demand(JobImage image) {
    if (image.getInputTokens() < 0) {
      // Written by a version that kept the sum of prompt and answer alone.
      return new Demand("", Map.of(), image.getEstimatedTokens(), 0, 1, false, Optional.empty());
    }
    return new Demand(
        Transitions.shared(image.getKeyId()),
        image.getLimitTags(),
        image.getInputTokens(),
        image.getMaxOutputTokens() == null ? Demand.UNNAMED : image.getMaxOutputTokens(),
        image.getChoices(),
        image.getBoundImposed(),
        Optional.ofNullable(image.getAskedModel()));
  }

  static Optional<Spent> spent(JobImage image) {
    return Optional.ofNullable(image.getSpent())
        .map(use ->
            new Spent(
                use.getSequence(),
                use.getInputTokens(),
                use.getOutputTokens(),
                use.getPicoUsd(),
                use.getAt(),
                use.getGpuMicros()));
  }

  static Optional<Phase.Hold> hold(JobImage image) {
    return Optional.ofNullable(image.getHoldReason())
        .map(reason ->
            new Phase.Hold(
                reason,
                Optional.ofNullable(image.getHoldBy()),
                Optional.ofNullable(image.getHeldUntil()),
                RouteChoices.rejected(image.getHeldRoutes())));
  }

  static TenantUse tenant(Image image) {
    return new TenantUse(
        image.tenant(),
        image.sequence(),
        records(image.uses()),
        records(image.told()),
        image.learnt(),
        image.corrections());
  }

  private static List<LimitUse> records(Map<String, Map<Long, Long>> byLimit) {
    List<LimitUse> limits = new ArrayList<>(byLimit.size());
    byLimit.forEach((limit, times) -> limits.add(new LimitUse(limit, times(times))));
    return limits;
  }

  private static List<UseTime> times(Map<Long, Long> amounts) {
    List<UseTime> times = new ArrayList<>(amounts.size());
    amounts.forEach((from, amount) -> times.add(new UseTime(from, amount)));
    return times;
  }

  private static Map<Long, Long> times(List<UseTime> times) {
    Map<Long, Long> amounts = new HashMap<>();
    times.forEach(time -> amounts.put(time.getFrom(), time.getAmount()));
    return amounts;
  }

  static Image tenant(TenantUse use) {
    return new Image(
        use.getTenant(),
        use.getSequence(),
        byLimit(use.getLimits()),
        byLimit(use.getTold()),
        use.getLearnt(),
        use.getCorrections());
  }

  /// What a task tells of a budget.
  static ShardUse shard(NamedLimit budget, int task, Map<Long, Long> periods, Instant now) {
    return new ShardUse(budget.tenant(), task, new LimitUse(budget.name(), times(periods)), now);
  }

  static ValueUse value(ValueImage image) {
    return new ValueUse(
        image.limit().tenant(),
        image.sequence(),
        new LimitUse(image.limit().name(), times(image.uses())),
        times(image.told()));
  }

  static ValueImage value(ValueUse use) {
    return new ValueImage(
        new NamedLimit(use.getTenant(), use.getUse().getLimit()),
        use.getSequence(),
        times(use.getUse()),
        times(use.getTold()));
  }

  static Map<Long, Long> times(LimitUse use) {
    return times(use.getTimes());
  }

  private static Map<String, Map<Long, Long>> byLimit(List<LimitUse> limits) {
    Map<String, Map<Long, Long>> all = new HashMap<>();
    for (LimitUse limit : limits) {
      all.put(limit.getLimit(), times(limit));
    }
    return all;
  }
}
