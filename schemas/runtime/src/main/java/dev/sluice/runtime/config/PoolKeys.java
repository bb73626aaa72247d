package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Key.required;
import static dev.sluice.runtime.config.Names.ID;
import static dev.sluice.runtime.config.Names.WEIGHT;
import static dev.sluice.runtime.config.Shape.section;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The keys of `pools`.
final class PoolKeys {
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

  private PoolKeys() {}

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
}
