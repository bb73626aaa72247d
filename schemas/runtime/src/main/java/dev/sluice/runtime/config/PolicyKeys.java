package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Key.required;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.Shards;
import dev.sluice.contract.model.TokenKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The keys of the reloadable part: `tenants`, `pools`, `models`, `prices`.
final class PolicyKeys {
  private static final Shape.Text ID =
      new Shape.Text(
          "[A-Za-z0-9][A-Za-z0-9_-]{0,63}",
          "1 to 64 letters, digits, - or _, beginning with a letter or digit");
  private static final Shape.Text MODEL =
      new Shape.Text("[!-~]{1,256}", "1 to 256 visible ASCII characters without spaces");
  private static final Shape.Whole WEIGHT = new Shape.Whole(1, 1_000);

  private static final Map<String, String> OTHER_PROVIDERS =
      Map.of(
          "azure-openai",
          "the azure-openai provider is not in this version; remove the pool",
          "gemini",
          "the gemini provider is not in this version; remove the pool",
          "vertex",
          "the vertex provider is not in this version; remove the pool",
          "bedrock",
          "the bedrock provider is not in this version; remove the pool");

  private static final Shape.Choice ROUTING =
      new Shape.Choice(
          Stream.of(Policy.Routing.values())
              .map(routing -> routing.name().toLowerCase(Locale.ROOT))
              .toList(),
          Map.of());

  private static final Shape.Text CONDITION =
      new Shape.Text("[\\s\\S]{1,2000}", "a condition in CEL of at most 2000 characters");

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

  static final Shape.Section POOL =
      new Shape.Section(
          List.of(
              required("id", ID, "Name of the pool, part of its topics' names."),
              required(
                  "provider",
                  new Shape.Choice(
                      List.of("openai", "openai-compatible", "anthropic", "simulated"),
                      OTHER_PROVIDERS),
                  "What stands behind it: OpenAI, another server that speaks its protocol,"
                      + " Anthropic or a server that speaks its messages, or the built-in"
                      + " simulation, which costs nothing and needs no key."),
              optional(
                  "base_url",
                  new Shape.Url(),
                  "URL to which `/chat/completions` is appended, or `/v1/messages` at Anthropic;"
                      + " this or `endpoints`, for openai-compatible. The vendors' own are"
                      + " `https://api.openai.com/v1` and `https://api.anthropic.com`."),
              optional(
                  "endpoints",
                  new Shape.Many(
                      section(
                          required("url", new Shape.Url(), "Base URL of one endpoint."),
                          optional("weight", WEIGHT, "1", "Its share of the pool's calls.")),
                      1),
                  "Several endpoints that serve the same models."),
              optional(
                  "api_key", new Shape.Reference(), "none sent", "Key sent to every endpoint."),
              optional(
                  "concurrency",
                  new Shape.Whole(1, 100_000),
                  "64",
                  "Calls at once, of the whole pool over all workers and endpoints."),
              optional("timeouts", callTimeouts(), "Bounds of one call."),
              optional(
                  "speaks",
                  new Shape.Many(
                      new Shape.Choice(
                          List.of(
                              "chat",
                              "completions",
                              "embeddings",
                              "moderations",
                              "responses",
                              "messages",
                              "models"),
                          Map.of()),
                      1),
                  "by provider: openai all but messages; openai-compatible [chat, completions,"
                      + " embeddings, models]; anthropic [messages, models]; simulated all but"
                      + " responses and messages",
                  "Endpoints that the provider serves. A call of one that it serves passes"
                      + " through; another is translated to chat, or else to messages, and refused"
                      + " where nothing can stand for it."),
              optional(
                  "simulation",
                  section(
                      optional(
                          "first_token",
                          new Shape.Span(Duration.ZERO, Duration.ofHours(1)),
                          "PT0.02S",
                          "Time to the first token."),
                      optional(
                          "tokens_per_second",
                          new Shape.Whole(0, 1_000_000),
                          "200",
                          "Pace of the answer; 0 for all at once."),
                      optional(
                          "output_tokens",
                          new Shape.Whole(1, 1_000_000),
                          "24",
                          "Length of an answer when the request names no limit.")),
                  "How a simulated pool behaves."),
              optional(
                  "affinity",
                  new Shape.Choice(List.of("prefix"), Map.of()),
                  "none, endpoints are drawn by weight",
                  "`prefix`: calls whose prompts begin alike meet at the same endpoint, so that its"
                      + " prompt cache is hit; see [affinity](routing.md#affinity-of-endpoints)."),
              optional(
                  "region",
                  ID,
                  "no region",
                  "Where it runs. A pool without one is outside of every tenant's `residency`."),
              optional(
                  "gpu",
                  section(
                      required(
                          "type",
                          new Shape.Text("[ -~]{1,64}", "1 to 64 visible ASCII characters"),
                          "For people, as `H100`."),
                      required("count", new Shape.Whole(1, 100_000), "GPUs of the whole pool."),
                      optional(
                          "usd_per_hour",
                          new Shape.Usd(),
                          "owed by `prices`",
                          "Price of one of them, USD. What calls owe is then their GPU time, and"
                              + " so is what their answers are charged where `prices` has nothing"
                              + " for the model.")),
                  "The GPUs behind it. A call's GPU time is its wall time, times `count`, divided"
                      + " by `concurrency`; see [limits](limits.md#gpu-seconds).")),
          Map.of());

  static final Shape.Section MODEL_PLAN =
      new Shape.Section(
          List.of(
              required(
                  "id",
                  MODEL,
                  "Name that callers use; `*` serves every name that has no plan of its own."),
              optional(
                  "max_output_tokens",
                  new Shape.Whole(1, 10_000_000),
                  "none sent",
                  "Sent to the provider when the job names no limit, tokens."),
              required(
                  "routes",
                  new Shape.Many(
                      section(
                          required("pool", ID, "Where the job runs."),
                          required(
                              "model",
                              MODEL,
                              "Name sent to the provider; `*` sends the caller's own."),
                          optional(
                              "weight",
                              new Shape.Whole(0, 1_000_000),
                              "1",
                              "Its share of jobs; with 0 it is never used."),
                          optional(
                              "when",
                              CONDITION,
                              "without one, always",
                              "Condition in CEL under which it may be used; see"
                                  + " [routing](routing.md#conditions)."),
                          optional(
                              "variant",
                              ID,
                              "no name",
                              "Name of the route in a comparison, shown on its jobs.")),
                      1),
                  "Where jobs of this model go."),
              optional(
                  "policy",
                  ROUTING,
                  "weighted",
                  "How a route is picked among those that may be used: by `weighted` draw, in the"
                      + " order of the list (`priority`), `cheapest`, `fastest`, by session"
                      + " (`sticky`), or by what calls teach (`bandit`); see"
                      + " [routing](routing.md)."),
              optional(
                  "assign_by",
                  new Shape.Text("[!-~]{1,64}", "the name of a tag"),
                  "by job id",
                  "Tag whose value assigns a job without a session to its route, so that equal"
                      + " values stay together."),
              optional(
                  "fallback",
                  new Shape.Many(
                      section(
                          required("pool", ID, "Where the job goes next."),
                          required(
                              "model",
                              MODEL,
                              "Name sent to the provider; `*` sends the caller's own."),
                          optional(
                              "when",
                              new Shape.Many(
                                  new Shape.Choice(
                                      List.of(
                                          "throttled",
                                          "down",
                                          "timeout",
                                          "too_long",
                                          "refused",
                                          "invalid_key"),
                                      Map.of()),
                                  1),
                              "[throttled, down, timeout]",
                              "Failures after which it is tried."),
                          optional(
                              "if",
                              CONDITION,
                              "without one, always",
                              "Condition in CEL under which it may be.")),
                      1),
                  "none",
                  "Routes tried in this order when the picked one fails."),
              optional(
                  "shadow",
                  new Shape.Many(
                      section(
                          required("pool", ID, "Where the copy runs."),
                          required(
                              "model",
                              MODEL,
                              "Name sent to the provider; `*` sends the caller's own."),
                          optional(
                              "percent",
                              new Shape.Whole(1, 100),
                              "100",
                              "Part of the model's jobs that is copied, chosen as routes are: by"
                                  + " session, else by `assign_by`, else by job id."),
                          optional(
                              "if",
                              CONDITION,
                              "without one, always",
                              "Condition in CEL under which a job is copied.")),
                      1),
                  "none",
                  "Where copies of the jobs go whose answers nobody gets, to be compared; at most "
                      + Policy.Model.MAX_SHADOWS
                      + ". See [shadows](routing.md#shadows).")),
          Map.of("prompt", "no prompt would be used", "guards", "nothing would be checked"));

  static final Shape.Section PRICE = section(priceKeys());

  static final Shape.Section ROOT =
      new Shape.Section(
          List.of(
              optional(
                  "server",
                  ServerKeys.SECTION,
                  "Static part, read once at start; each value can be overridden by the"
                      + " environment."),
              optional("tenants", new Shape.Many(TENANT, 0), "none", "Who may ask."),
              optional("pools", new Shape.Many(POOL, 0), "none", "Where work can run."),
              optional(
                  "models", new Shape.Many(MODEL_PLAN, 0), "none", "What model names stand for."),
              optional(
                  "prices",
                  new Shape.Many(PRICE, 0),
                  "none",
                  "What a model of a pool costs from a day on, USD per million tokens.")),
          Map.of(
              "prompts", "no prompt would be used",
              "guards", "nothing would be checked"));

  private PolicyKeys() {}

  private static Shape.Section limited(String whose, Key... keys) {
    var all = new ArrayList<Key>(List.of(keys));
    all.add(LimitKeys.quotas(whose));
    all.add(LimitKeys.budgets(whose));
    return new Shape.Section(all, Map.of());
  }

  private static Shape.Section section(Key... keys) {
    return new Shape.Section(List.of(keys), Map.of());
  }

  private static Key share(Priority priority, String fallback) {
    return optional(
        priority.key(),
        section(optional("share", WEIGHT, fallback, "Weight of this class.")),
        "The class `" + priority.key() + "`.");
  }

  private static Shape.Section callTimeouts() {
    return section(
        timeout("queue", "PT10M", "Longest wait for a slot once the job is released."),
        timeout("connect", "PT3S", "TCP and TLS."),
        timeout(
            "first_token",
            "PT60S",
            "From the request sent to the first byte of a streamed answer."),
        timeout("idle", "PT30S", "Between two bytes of the answer."),
        timeout("total", "PT1H", "Of the whole call."));
  }

  private static Key timeout(String name, String fallback, String meaning) {
    return optional(
        name, new Shape.Span(Duration.ofMillis(10), Duration.ofHours(24)), fallback, meaning);
  }

  private static Key[] priceKeys() {
    var keys = new ArrayList<Key>();
    keys.add(required("pool", ID, "Pool of the model."));
    keys.add(
        required("model", MODEL, "Name sent to the provider; `*` prices all others of the pool."));
    keys.add(
        required(
            "from",
            new Shape.Moment(),
            "First day (UTC) or instant of this price; it holds until a later one begins."));
    for (TokenKind kind : TokenKind.values()) {
      keys.add(
          optional(
              kind.key(),
              new Shape.Usd(),
              kind == TokenKind.REASONING ? "as output" : "not priced",
              "USD per million tokens of kind `" + kind.key() + "`."));
    }
    return keys.toArray(Key[]::new);
  }
}
