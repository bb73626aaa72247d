package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.util.function.Function;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// How a command about jobs answers: for people, or one JSON object a line.
final class OutputOption {
  enum Format {
    TEXT,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "text or json, one object a line (default: text).")
  private Format format = Format.TEXT;

  boolean json() {
    return format == Format.JSON;
  }

  /// One answer.
  ///
  /// @param text of it, for people
  void show(PrintWriter out, JsonNode answer, Function<JsonNode, String> text) {
    out.println(json() ? answer : text.apply(answer));
    out.flush();
  }

  static void print(PrintWriter out, JsonNode value) {
    out.println(value);
    out.flush();
  }
}
