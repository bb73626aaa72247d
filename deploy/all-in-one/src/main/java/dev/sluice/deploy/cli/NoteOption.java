package dev.sluice.deploy.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// Why something is held back.
final class NoteOption {
  @Option(
      names = {"--note"},
      paramLabel = "TEXT",
      description = "What others should know about it.")
  private @Nullable String note;

  /// Body of a request that says so.
  ObjectNode body() {
    ObjectNode body = SluiceClient.JSON.createObjectNode();
    if (note != null) {
      body.put("note", note);
    }
    return body;
  }
}
