package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Key.required;
import static dev.sluice.runtime.config.Names.ID;
import static dev.sluice.runtime.config.Names.WEIGHT;
import static dev.sluice.runtime.config.Shape.section;

import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.Shards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The keys of `tenants`.
final class TenantKeys {
  static final Shape.Section KEY =
      limited(
          "the key",
          required("id", ID, "Name of the key, stamped on cost rows; unique within the tenant."),
          required("secret", new Shape.Reference(), "What the caller sends as its key."),
          optional(
              "scopes",
              new Shape.Many(
                  new Shape.Choice(Stream.of(Scope.values()).map(Scope::key).toList(), Map.of()),
                  1),
              "[submit, read, cancel]",
              "What the key allows."));

  static final Shape.Section TENANT =
      new Shape.Section(
          List.of(
              required("id", ID, "Name of the tenant, stamped on everything it does."),
              optional("keys", new Shape.Many(KEY, 0), "none", "API keys of the tenant."),
              optional(
                  "priorities",
                  section(
                      share(Priority.INTERACTIVE, "8"),
                      share(Priority.STANDARD, "4"),
                      share(Priority.BATCH, "1")),
                  "Weights of the priority classes within the tenant."),
              optional(
                  "on_crash",
                  new Shape.Choice(List.of("retry", "fail_unknown"), Map.of()),
                  "retry",
                  "What happens to a job whose call may or may not have been made when its worker"
                      + " died: call again, or fail it as `outcome_unknown`."),
              optional(
                  "max_attempts",
                  new Shape.Whole(1, 10),
                  "4",
                  "Provider calls that one job may make."),
              optional(
                  "kafka",
                  section(
                      optional(
                          "submit",
                          new Shape.Flag(),
                          "false",
                          "Whether jobs can be produced to `sluice.intake.<tenant>`. Who may write"
                              + " there is the tenant: give that right with the broker's ACLs."),
                      optional(
                          "results",
                          new Shape.Flag(),
                          "false",
                          "Whether `sluice.results.<tenant>` is filled."),
                      optional(
                          "events",
                          new Shape.Flag(),
                          "false",
                          "Whether `sluice.events.<tenant>` is filled.")),
                  "Topics of the tenant's own."),
              optional(
                  "residency",
                  ID,
                  "no bound",
                  "Region that the tenant's jobs never leave: only pools of this `region` run"
                      + " them."),
              optional(
                  "shards",
                  new Shape.Whole(1, Shards.MOST),
                  "1",
                  "Writers among which the tenant's jobs and limits are divided, for a tenant too"
                      + " large for one router task. See [shards](limits.md#shards) before you"
                      + " change it."),
              LimitKeys.quotas("the tenant"),
              LimitKeys.budgets("the tenant"),
              optional(
                  "teams",
                  new Shape.Many(LimitKeys.team(ID), 1),
                  "none",
                  "API keys that share limits of their own, within the tenant's."),
              optional(
                  "tags",
                  new Shape.Many(LimitKeys.tag(), 1),
                  "none",
                  "Limits of jobs that carry a tag, within the tenant's."),
              optional(
                  "cache",
                  section(
                      optional(
                          "mode",
                          new Shape.Choice(List.of("off", "use"), Map.of()),
                          "off",
                          "What a call does that says nothing of it: `use` answers it with the"
                              + " tenant's own earlier answer to the same request, where there is"
                              + " one. A call can ask for either."),
                      optional(
                          "ttl",
                          new Shape.Span(Duration.ofSeconds(1), Duration.ofDays(7)),
                          "PT1H",
                          "How long an answer is given again, where the call does not say."),
                      optional(
                          "price_ratio",
                          new Shape.Ratio(),
                          "0",
                          "What an answer that is given again is charged, as a part of what it was"
                              + " charged first.")),
                  "Answers that are given again.")),
          Map.of());

  private TenantKeys() {}

  private static Shape.Section limited(String whose, Key... keys) {
    var all = new ArrayList<Key>(List.of(keys));
    all.add(LimitKeys.quotas(whose));
    all.add(LimitKeys.budgets(whose));
    return new Shape.Section(all, Map.of());
  }

  private static Key share(Priority priority, String fallback) {
    return optional(
        priority.key(),
        section(optional("share", WEIGHT, fallback, "Weight of this class.")),
        "The class `" + priority.key() + "`.");
  }
}
