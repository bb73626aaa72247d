package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Key.required;
import static dev.sluice.runtime.config.Names.ID;
import static dev.sluice.runtime.config.Names.MODEL;
import static dev.sluice.runtime.config.Shape.section;

import dev.sluice.contract.model.Policy;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// The keys of `models`.
final class ModelKeys {
  private static final Shape.Choice ROUTING =
      new Shape.Choice(
          Stream.of(Policy.Routing.values())
              .map(routing -> routing.name().toLowerCase(Locale.ROOT))
              .toList(),
          Map.of());

  private static final Shape.Text CONDITION =
      new Shape.Text("[\\s\\S]{1,2000}", "a condition in CEL of at most 2000 characters");

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

  private ModelKeys() {}
}
