package dev.sluice.deploy.cli;

import java.io.PrintWriter;
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

  static void print(PrintWriter out, JsonNode value) {
    out.println(value);
    out.flush();
  }
}
