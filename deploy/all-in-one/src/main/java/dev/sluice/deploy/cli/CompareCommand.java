package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice compare`: how routes did whose jobs are copied, beside the routes of their copies.
@Command(
    name = "compare",
    description = "Compare jobs with their shadow copies: success, time, tokens, cost.")
final class CompareCommand implements Callable<Integer> {
  private static final List<String> HEAD =
      List.of(
          "model",
          "role",
          "pool",
          "provider_model",
          "calls",
          "success",
          "first_token_p50",
          "p95",
          "total_p50",
          "p95",
          "output/call",
          "usd/call",
          "owed_usd");

  private static final int WORDS = 4;

  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;
  @Mixin private OutputOption output;

  @Option(
      names = {"--model"},
      paramLabel = "MODEL",
      description = "Only this model.")
  private @Nullable String model;

  @Option(
      names = {"--from"},
      paramLabel = "TIME",
      description = "From the hour of this instant or date on (default: seven days ago).")
  private @Nullable String from;

  @Option(
      names = {"--to"},
      paramLabel = "TIME",
      description = "Only hours that begin before this instant or date.")
  private @Nullable String to;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      String query = query("model", model) + query("from", from) + query("to", to);
      JsonNode answer =
          client.get("v1/comparisons" + (query.isEmpty() ? "" : "?" + query.substring(1)));
      if (output.json()) {
        OutputOption.print(out, answer);
      } else {
        new TextTable(rows(answer), WORDS).print(out);
      }
    }
    out.flush();
    return ExitCode.DONE.number();
  }

  private static String query(String name, @Nullable String value) {
    return value == null ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  private static List<List<String>> rows(JsonNode answer) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (JsonNode side : answer.path("data")) {
      long calls = side.path("calls").asLong();
      long output = side.at("/tokens/output").asLong(0) + side.at("/tokens/reasoning").asLong(0);
      rows.add(
          List.of(
              side.path("model").asString(""),
              side.path("role").asString(""),
              side.path("pool").asString(""),
              side.path("provider_model").asString(""),
              Long.toString(calls),
              side.path("success_rate").asString("-"),
              millis(side.at("/first_token_ms/p50")),
              millis(side.at("/first_token_ms/p95")),
              millis(side.at("/total_ms/p50")),
              millis(side.at("/total_ms/p95")),
              Long.toString(calls == 0 ? 0 : Math.round((double) output / calls)),
              side.path("owed_usd_per_call").asString("-"),
              side.path("owed_usd").asString("")));
    }
    return rows;
  }

  private static String millis(JsonNode value) {
    return value.isMissingNode() ? "-" : value.asString("") + " ms";
  }
}
