package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `sluice costs`: what was charged and what is owed.
@Command(name = "costs", description = "Show what was charged and what is owed, in USD.")
final class CostsCommand implements Callable<Integer> {
  enum Format {
    TABLE,
    CSV,
    JSON
  }

  private static final Set<String> KINDS = Set.of("tenant", "model", "key", "tag");

  @Spec private CommandSpec spec;
  @Mixin private ClientOptions server;

  @Option(
      names = {"--by"},
      split = ",",
      paramLabel = "KEY",
      description =
          "Group by tenant, model, key, tag (all tags) or tag.NAME; comma-separated (default:"
              + " model).")
  private List<String> by = List.of("model");

  @Option(
      names = {"--from"},
      paramLabel = "TIME",
      description = "From this instant or date on.")
  private @Nullable String from;

  @Option(
      names = {"--to"},
      paramLabel = "TIME",
      description = "Before this instant or date.")
  private @Nullable String to;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, csv or json (default: table).")
  private Format format = Format.TABLE;

  @Override
  public Integer call() {
    for (String key : by) {
      if (!KINDS.contains(key) && !key.startsWith("tag.")) {
        throw new CommandFailure(
            ExitCode.USAGE, "--by " + key + ": use tenant, model, key, tag or tag.NAME");
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    try (SluiceClient client = server.client()) {
      JsonNode answer = client.get("v1/costs?by=" + encoded(String.join(",", by)) + span());
      switch (format) {
        case JSON -> out.println(answer);
        case CSV -> printCsv(out, rows(answer));
        case TABLE -> new TextTable(rows(answer), by.size()).print(out);
      }
    }
    out.flush();
    return ExitCode.DONE.number();
  }

  private String span() {
    String begin = from == null ? "" : "&from=" + encoded(from);
    return to == null ? begin : begin + "&to=" + encoded(to);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private List<List<String>> rows(JsonNode answer) {
    List<List<String>> rows = new ArrayList<>();
    List<String> head = new ArrayList<>(by);
    head.addAll(
        List.of(
            "charged_usd", "owed_usd", "jobs", "attempts", "tokens", "unpriced", "gpu_seconds"));
    rows.add(head);
    for (JsonNode entry : answer.path("data")) {
      List<String> row = new ArrayList<>();
      for (String key : by) {
        row.add(group(entry.path(key)));
      }
      row.add(entry.path("charged_usd").asString(""));
      row.add(entry.path("owed_usd").asString(""));
      row.add(entry.path("jobs").asString(""));
      row.add(entry.path("attempts").asString(""));
      row.add(Long.toString(sum(entry.path("tokens"))));
      row.add(entry.path("unpriced").asString(""));
      row.add(entry.path("gpu_seconds").asString(""));
      rows.add(row);
    }
    return rows;
  }

  /// All tags are one cell: `team=search,stage=prod`.
  private static String group(JsonNode value) {
    if (!value.isObject()) {
      return value.asString("");
    }
    return value.properties().stream()
        .map(tag -> tag.getKey() + "=" + tag.getValue().asString(""))
        .collect(Collectors.joining(","));
  }

  private static long sum(JsonNode tokens) {
    long sum = 0;
    for (JsonNode count : tokens) {
      sum += count.asLong();
    }
    return sum;
  }

  private static void printCsv(PrintWriter out, List<List<String>> rows) {
    for (List<String> row : rows) {
      out.println(String.join(",", row.stream().map(CostsCommand::quoted).toList()));
    }
  }

  private static String quoted(String cell) {
    boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
    return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
  }
}
