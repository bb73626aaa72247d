package dev.sluice.deploy.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Finds or creates the batch of a run. A run names itself in the batch's metadata, so one that was
/// stopped between creating the batch and noting its id finds it again and pays nothing twice.
record BatchStart(SluiceClient client, Path input, String endpoint, String window) {
  private static final String RUN = "sluice_run";

  String idOf(BatchNotes notes) {
    String known = notes.text("batch_id");
    if (!known.isEmpty()) {
      return known;
    }
    String fileId = notes.text("file_id");
    if (fileId.isEmpty()) {
      fileId = upload();
      notes.put("file_id", fileId);
    } else {
      String found = find(notes.text("run"));
      if (!found.isEmpty()) {
        notes.put("batch_id", found);
        return found;
      }
    }
    String id = create(fileId, notes.text("run"));
    notes.put("batch_id", id);
    return id;
  }

  private String upload() {
    String boundary = "sluice-" + UUID.randomUUID();
    MultipartFrame frame =
        MultipartFrame.of(
            boundary, String.valueOf(input.getFileName()), Map.of("purpose", "batch"));
    return client.upload("v1/files", input, frame).path("id").asString();
  }

  private String create(String fileId, String run) {
    ObjectNode request = SluiceClient.JSON.createObjectNode();
    request
        .put("input_file_id", fileId)
        .put("endpoint", endpoint)
        .put("completion_window", window)
        .putObject("metadata")
        .put(RUN, run);
    return client.post("v1/batches", request, Map.of()).path("id").asString();
  }

  private String find(String run) {
    String after = "";
    while (true) {
      JsonNode page = client.get("v1/batches?limit=100" + after);
      for (JsonNode batch : page.path("data")) {
        if (batch.path("metadata").path(RUN).asString("").equals(run)) {
          return batch.path("id").asString();
        }
      }
      if (!page.path("has_more").asBoolean()) {
        return "";
      }
      after = "&after=" + page.path("last_id").asString();
    }
  }
}
