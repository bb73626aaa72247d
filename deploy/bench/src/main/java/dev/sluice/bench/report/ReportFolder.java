package dev.sluice.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// `docs/benchmarks`: a Markdown and a JSON file for each scenario, and an index of all of them.
public final class ReportFolder {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;

  public ReportFolder(Path folder) {
    this.folder = folder;
  }

  public void write(Report report) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(report.scenario() + ".json"), JSON.writeValueAsString(report) + "\n");
    Files.writeString(folder.resolve(report.scenario() + ".md"), markdown(report));
    Files.writeString(folder.resolve("README.md"), index());
  }

  private static String markdown(Report report) {
    Machine machine = report.machine();
    List<String> lines = new ArrayList<>();
    lines.add("# " + report.scenario());
    lines.add("");
    lines.add(report.question());
    lines.add("");
    lines.add("Command: `%s`.".formatted(report.command()));
    lines.add(
        "Commit %s, %s, took %d s."
            .formatted(machine.commit(), report.at(), report.took().toSeconds()));
    lines.add(
        "Machine: %d cores (%s), %s GiB, JDK %s, %s. All processes on loopback of this machine."
            .formatted(
                machine.cores(),
                machine.processor(),
                machine.memoryGib(),
                machine.jdk(),
                machine.kernel()));
    if (!report.right()) {
      lines.add("");
      lines.add("**Some answers were wrong or missing: these figures do not count.**");
    }
    lines.add("");
    lines.addAll(table(report.rows()));
    if (!report.runs().isEmpty()) {
      lines.add("");
      lines.add("## Every run");
      lines.add("");
      lines.addAll(table(report.runs()));
    }
    return String.join("\n", lines) + "\n";
  }

  private static List<String> table(List<Row> rows) {
    List<String> lines = new ArrayList<>();
    Collection<String> columns = rows.isEmpty() ? List.of() : rows.getFirst().values().keySet();
    lines.add("| " + String.join(" | ", columns) + " |");
    lines.add("|" + " --: |".repeat(columns.size()));
    for (Row row : rows) {
      lines.add(
          "| "
              + String.join(
                  " | ", columns.stream().map(name -> Row.text(row.values().get(name))).toList())
              + " |");
    }
    return lines;
  }

  private String index() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# Benchmarks");
    lines.add("");
    lines.add("Written by `deploy/bench/run`; how it measures stands in `deploy/bench/README.md`.");
    lines.add("Absolute figures hold for the machine that each page names, and for no other.");
    lines.add("What they mean, and what has not been measured: [notes](notes.md).");
    lines.add("");
    lines.add("| Scenario | Result | Cores | Commit | Date |");
    lines.add("| --- | --- | --: | --- | --- |");
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      JsonNode report = JSON.readTree(Files.readString(file));
      String name = report.path("scenario").asString();
      lines.add(
          "| [%s](%s.md) | %s | %d | %s | %s |"
              .formatted(
                  name,
                  name,
                  report.path("headline").asString(),
                  report.path("machine").path("cores").asInt(),
                  report.path("machine").path("commit").asString(),
                  report.path("at").asString()));
    }
    return String.join("\n", lines) + "\n";
  }
}
